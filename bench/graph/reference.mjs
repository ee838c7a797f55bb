/**
 * Right answers, from arrays in memory: every operation of a store in its plainest form. It is never measured; what the
 * engines answer must equal what it answers.
 */

import { pathEdgesMax, questionsOf } from './questions.mjs'

const damping = 0.85

/** @type {import('./adapters/index.mjs').GraphAdapter} */
export const reference = {
  engine: 'reference',
  packageName: 'reference',
  node: 24,
  settings: [{ name: 'arrays', levels: ['os', 'full'] }],
  can: ['query', 'read', 'neighbors', 'within', 'distance', 'pageRank', 'addEdge', 'load'],

  load: async () => ({ stores: new Map() }),

  /** A store that was opened before is found again by its folder, with all that was added to it. */
  async open({ stores }, folder, { graph }) {
    if (!stores.has(folder)) stores.set(folder, new ReferenceStore(graph))
    return stores.get(folder)
  },
}

/** @implements {import('./adapters/index.mjs').GraphStore} */
class ReferenceStore {
  #graph
  #rowOf
  #out
  #edges
  #texts

  constructor(graph) {
    const { schema, nodes, sources, targets, types, typeOf } = graph
    this.#graph = graph
    this.#rowOf = new Map(nodes.map(({ key }, row) => [key, row]))
    this.#out = nodes.map(() => [])
    this.#edges = sources.length
    const isFollowed = types.map((type) => schema.type === undefined || type === schema.type)
    sources.forEach((source, at) => {
      if (isFollowed[typeOf[at]]) this.#out[source].push(targets[at])
    })
    this.#texts = new Map(Object.entries(questionsOf(schema)).map(([name, text]) => [text, name]))
  }

  query(text, { key, from, to } = {}) {
    const { nodes, schema } = this.#graph
    const name = this.#texts.get(text)
    if (name === 'read') return [this.read(key)]
    if (name === 'neighbors') return this.neighbors(key).map((one) => [one])
    if (name.startsWith('hops-')) return this.within(key, Number(name.slice(5))).map((one) => [one])
    if (name === 'shortest-path') {
      const edges = this.distance(from, to)
      return edges === undefined ? [] : [[edges]]
    }
    if (name === 'group-by') return groups(nodes, schema)
    if (name === 'top-in-degree') return topInDegree(this.#out, nodes)
    if (name === 'two-paths') return [[twoPaths(this.#out)]]
    if (name === 'triangles') return [[triangles(this.#out)]]
    throw new Error(`there is no question ${text}`)
  }

  handlesOf = (keys) => keys
  keysOf = (handles) => handles
  counts = () => [this.#graph.nodes.length, this.#edges]

  read(key) {
    const node = this.#graph.nodes[this.#rowOf.get(key)]
    return this.#graph.schema.read.map((name) => node[name])
  }

  neighbors(key) {
    return this.#out[this.#rowOf.get(key)].map((row) => this.#graph.nodes[row].key)
  }

  within(key, edges) {
    const start = this.#rowOf.get(key)
    const rows = [...depths(this.#out, start, edges).keys()]
    return rows.filter((row) => row !== start).map((row) => this.#graph.nodes[row].key)
  }

  distance(from, to) {
    return depths(this.#out, this.#rowOf.get(from), pathEdgesMax).get(this.#rowOf.get(to))
  }

  addEdge(from, to) {
    this.#out[this.#rowOf.get(from)].push(this.#rowOf.get(to))
    this.#edges++
  }

  pageRank(iterations) {
    const ranks = pageRank(this.#out, iterations)
    return this.#graph.nodes.map(({ key }, row) => [key, ranks[row]])
  }

  loader = () => ({ nodes() {}, edges() {}, finish() {} })
  close() {}
}

/** Rows within some edges of a row, each with the fewest edges to it. */
function depths(out, start, edgesMax) {
  const found = new Map([[start, 0]])
  let last = [start]
  for (let depth = 1; depth <= edgesMax && last.length > 0; depth++) {
    const next = []
    for (const row of last) {
      for (const target of out[row]) {
        if (found.has(target)) continue
        found.set(target, depth)
        next.push(target)
      }
    }
    last = next
  }
  return found
}

function groups(nodes, { group, sum }) {
  const found = new Map()
  for (const node of nodes) {
    const [count, total] = found.get(node[group]) ?? [0, 0]
    found.set(node[group], [count + 1, total + node[sum]])
  }
  return [...found].map(([name, counted]) => [name, ...counted])
}

function topInDegree(out, nodes) {
  const degrees = new Uint32Array(nodes.length)
  for (const targets of out) for (const target of targets) degrees[target]++
  const found = nodes.map(({ key }, row) => [key, degrees[row]]).filter(([, degree]) => degree > 0)
  return found.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3)
}

function twoPaths(out) {
  let count = 0
  for (const targets of out) for (const target of targets) count += out[target].length
  return count
}

/** Edges from a to b, from b to c and from a to c; parallel ones count each. */
function triangles(out) {
  const edgesTo = new Uint32Array(out.length)
  let count = 0
  for (const targets of out) {
    for (const target of targets) edgesTo[target]++
    for (const middle of targets) for (const target of out[middle]) count += edgesTo[target]
    for (const target of targets) edgesTo[target] = 0
  }
  return count
}

/**
 * Page et al., "The PageRank citation ranking: bringing order to the web" (1999): all begin equal, and what ends at a
 * node without edges goes to all.
 */
function pageRank(out, iterations) {
  const count = out.length
  let ranks = new Float64Array(count).fill(1 / count)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = new Float64Array(count)
    let ended = 0
    out.forEach((targets, row) => {
      if (targets.length === 0) ended += ranks[row]
      for (const target of targets) next[target] += ranks[row] / targets.length
    })
    for (let row = 0; row < count; row++) next[row] = (1 - damping + damping * ended) / count + damping * next[row]
    ranks = next
  }
  return ranks
}
