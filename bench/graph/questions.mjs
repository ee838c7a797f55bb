/** What is asked in openCypher: one text for every engine. */

/** A path has at most so many edges. */
export const pathEdgesMax = 8

/**
 * @param {import('./graphs.mjs').Schema} schema
 * @returns {Record<string, string>} texts by the name of the question
 */
export function questionsOf({ label, type, read, group, sum }) {
  const colon = type === undefined ? '' : `:${type}`
  const edge = `-[${colon}]->`
  const [start, from, to] = ['$key', '$from', '$to'].map((parameter) => `:${label} {key: ${parameter}}`)
  const around = (edges) =>
    `MATCH (n${start})-[${colon}*1..${edges}]->(m:${label}) WHERE m.key <> $key RETURN DISTINCT m.key AS key`
  return {
    read: `MATCH (n${start}) RETURN ${read.map((name) => `n.${name} AS ${name}`).join(', ')}`,
    'hops-1': `MATCH (n${start})${edge}(m:${label}) RETURN DISTINCT m.key AS key`,
    'hops-2': around(2),
    'hops-3': around(3),
    neighbors: `MATCH (n${start})${edge}(m:${label}) RETURN m.key AS key`,
    'shortest-path': `MATCH p = shortestPath((a${from})-[${colon}*..${pathEdgesMax}]->(b${to})) RETURN length(p) AS edges`,
    'group-by': `MATCH (n:${label}) RETURN n.${group} AS name, count(*) AS nodes, sum(n.${sum}) AS total`,
    'top-in-degree': `MATCH (n:${label})<-[${colon}]-(m:${label}) RETURN n.key AS key, count(m) AS degree ORDER BY degree DESC, key LIMIT 3`,
    'two-paths': `MATCH (a:${label})${edge}(b:${label})${edge}(c:${label}) RETURN count(*) AS paths`,
    triangles: `MATCH (a:${label})${edge}(b:${label})${edge}(c:${label}), (a)${edge}(c) RETURN count(*) AS triangles`,
  }
}
