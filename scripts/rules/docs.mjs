/** Pages have one title, live links, and a way to be found. */

import { normalize } from './rust-source.mjs'
import { lineAt, matching } from './tree.mjs'

const pages = /\.md$/

/** A page without its code blocks; lines stay where they were. */
export function proseOf(text) {
  return text.replaceAll(/^ *(`{3,}|~{3,})[\s\S]*?^ *\1/gm, (block) => block.replaceAll(/[^\n]/g, ''))
}

export function everyPageHasOneTitle(tree) {
  const violations = []
  for (const path of matching(tree, pages)) {
    const titles = [...proseOf(tree.read(path)).matchAll(/^# \S/gm)].length
    if (titles !== 1) violations.push(`${path} has ${titles} titles (#); a page has one`)
  }
  return violations
}

/** Links of a page to files of the repository. */
function linksOf(tree, path) {
  const text = proseOf(tree.read(path))
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  const links = []
  for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const target = match[1].split('#')[0]
    if (target === '' || /^[a-z]+:/.test(target)) continue
    links.push({ target: normalize(`${folder}/${target}`), line: lineAt(text, match.index) })
  }
  return links
}

export function everyLinkLeadsSomewhere(tree) {
  const violations = []
  for (const path of matching(tree, pages)) {
    for (const { target, line } of linksOf(tree, path)) {
      const exists = tree.paths.some((known) => known === target || known.startsWith(`${target}/`))
      if (!exists) violations.push(`${path}:${line} links to ${target}, which does not exist`)
    }
  }
  return violations
}

export function everyPageIsLinked(tree) {
  const files = matching(tree, pages)
  const reached = new Set()
  const waiting = ['README.md']
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path) || !files.includes(path)) continue
    reached.add(path)
    for (const { target } of linksOf(tree, path)) waiting.push(target, `${target}/README.md`)
  }
  return files
    .filter((path) => path.startsWith('docs/') && !reached.has(path))
    .map((path) => `${path} is linked from no page that README.md leads to`)
}
