/** quadstore keeps RDF on the adapter and answers SPARQL; the answers are those it gives over classic-level. */

import { program } from '../helpers/level.mjs'

export const title = 'abstract-level: quadstore (RDF, SPARQL) answers as over classic-level'
export const minutes = 2
export const quick = true
export const needs = ['__test__/package/level']

export async function check({ folder, run }) {
  const { stdout } = await run(process.execPath, [program('rdf.mjs'), folder])
  const { count, quads } = JSON.parse(stdout)
  return { count, unit: 'questions', note: `${quads} quads` }
}
