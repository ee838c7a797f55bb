/** Side effects: what a graph held before a query and after it, as the kit's own queries list it. */

import { Node, Relationship, format } from './values.mjs'

/** The queries of the kit's README that define what each side effect counts; what they list is an `entity` in each. */
export const inspections = {
  nodes: 'MATCH (n)\nRETURN n AS entity',
  relationships: 'MATCH ()-[r]->()\nRETURN r AS entity',
  labels: 'MATCH (n)\nUNWIND labels(n) AS label\nRETURN DISTINCT label',
  properties: `MATCH (n)
UNWIND keys(n) AS key
WITH properties(n) AS properties, key, n
RETURN n AS entity, key, properties[key] AS value
UNION ALL
MATCH ()-[r]->()
UNWIND keys(r) AS key
WITH properties(r) AS properties, key, r
RETURN r AS entity, key, properties[key] AS value`,
}

/** What is counted, in the order in which it is told. */
export const metrics = ['nodes', 'relationships', 'labels', 'properties']

/**
 * What a graph holds: for each metric its things as texts that no two different things share.
 *
 * @param {import('./engine.mjs').Graph} graph
 * @returns {Promise<Record<string, string[]>>}
 */
export async function measure(graph) {
  const state = {}
  for (const metric of metrics) {
    const { rows } = await graph.query(inspections[metric], {})
    state[metric] = rows.map(([first, ...others]) =>
      metric === 'labels' ? format(first) : [identity(first), ...others.map(format)].join(' '),
    )
  }
  return state
}

function identity(entity) {
  if (entity instanceof Node) return `node ${String(entity.id)}`
  if (entity instanceof Relationship) return `relationship ${String(entity.id)}`
  throw new Error(`the engine lists ${format(entity)} as a node or relationship`)
}

/**
 * How much was added and removed, by the kit's names; what is zero is not named.
 *
 * @returns {Record<string, number>} `+nodes`, `-properties` and the like
 */
export function difference(before, after) {
  const found = {}
  for (const metric of metrics) {
    const added = without(after[metric], before[metric])
    const removed = without(before[metric], after[metric])
    if (added > 0) found[`+${metric}`] = added
    if (removed > 0) found[`-${metric}`] = removed
  }
  return found
}

/** How many things of one bag are not in another. */
function without(things, others) {
  const counts = new Map()
  for (const one of others) counts.set(one, (counts.get(one) ?? 0) + 1)
  let left = 0
  for (const one of things) {
    const count = counts.get(one) ?? 0
    if (count === 0) left++
    else counts.set(one, count - 1)
  }
  return left
}

/** What is wrong with side effects; undefined when nothing is. */
export function sideEffectFailure(expected, actual) {
  const [wanted, given] = [expected, actual].map(tell)
  return wanted === given ? undefined : `side effects ${given} instead of ${wanted}`
}

function tell(effects) {
  const names = metrics.flatMap((metric) => [`+${metric}`, `-${metric}`]).filter((name) => (effects[name] ?? 0) !== 0)
  return names.length === 0 ? 'none' : names.map((name) => `${name} ${effects[name]}`).join(', ')
}
