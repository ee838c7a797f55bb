/** The files a rule looks at: the checkout's, or a few made up by a test that plants a violation. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../shared/project.mjs'

/**
 * @typedef {object} Tree
 * @property {string[]} paths every file, from the root, with `/` between the parts
 * @property {(path: string) => string} read empty when there is no such file
 */

/** The files git knows or would add. */
export function repositoryTree() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  const paths = [...new Set(listed.toString('utf8').split('\0'))].filter(
    (path) => path !== '' && existsSync(join(root, path)),
  )
  const texts = new Map()
  const read = (path) => {
    if (!texts.has(path)) texts.set(path, paths.includes(path) ? readFileSync(join(root, path), 'utf8') : '')
    return texts.get(path)
  }
  return { paths: paths.sort(), read }
}

/**
 * A made-up tree.
 *
 * @param {Record<string, string>} files
 * @returns {Tree}
 */
export function treeOf(files) {
  return { paths: Object.keys(files).sort(), read: (path) => files[path] ?? '' }
}

/** Paths of a tree that match, without the fixtures of tests. */
export function matching(tree, pattern) {
  return tree.paths.filter((path) => pattern.test(path) && !path.startsWith('__test__/fixtures/'))
}

/** The line a position stands on, counted from 1. */
export function lineAt(text, position) {
  return text.slice(0, position).split('\n').length
}
