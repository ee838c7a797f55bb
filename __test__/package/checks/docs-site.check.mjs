/** The site of the documentation: it is built, its links lead somewhere, and the reference has all that can be imported. */

import { ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const title = 'docs: the site is built, without broken links'
export const minutes = 5
export const quick = true
export const needs = ['docs/site']

export async function check({ root }) {
  const script = (path) => import(new URL(`../../../scripts/${path}`, import.meta.url).href)
  const [{ buildSite }, { entryTypings, exportedNames }] = await Promise.all([
    script('docs.mjs'),
    script('site/reference.mjs'),
  ])
  const { pages, links, output } = await buildSite()
  const list = readFileSync(join(output, 'reference/api/index.html'), 'utf8')
  // The values are known without the typings, too.
  const imported = Object.keys(await import(join(root, 'dist/index.js')))
  const exported = [...entryTypings().values()].flatMap(exportedNames)
  for (const name of [...imported, ...exported])
    ok(list.includes(`>${name}</a>`), `the reference does not list ${name}`)
  return { count: links, unit: 'links', note: `${pages} pages, ${exported.length} exports` }
}
