/** The blocks of the pages that use a package which only some users have: they run beside it. */

import { newerNode } from '../helpers/newer-node.mjs'

export const title = 'docs: snippets that use other packages'
export const minutes = 5
export const quick = true
export const needs = ['examples/moving', 'examples/sessions', '__test__/package', '__test__/package/keyv']

/** Packages that the examples bring for it. */
export const peers = ['better-sqlite3', 'cache-manager', 'classic-level', 'express', 'express-session', 'keyv', 'lmdb']

export async function check({ folder }) {
  const { blocksOf, execute, makeProject, packagesOf, userPages } = await import(
    new URL('../../../scripts/shared/snippets.mjs', import.meta.url).href
  )
  const blocks = userPages()
    .flatMap((page) => blocksOf(page, 'ts'))
    .filter(({ code }) => packagesOf(code).some((name) => peers.includes(name)))
  makeProject(folder, peers, needs)
  for (const { name, code } of blocks) {
    await execute(folder, code, newerNode()).catch((error) => {
      throw new Error(`${name}: ${error.message}`)
    })
  }
  return { count: blocks.length, unit: 'snippets' }
}
