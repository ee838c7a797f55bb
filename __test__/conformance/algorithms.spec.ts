/** Algorithms from TypeScript: the values that networkx finds, filters, commits, bad input, progress and ends. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SledStore, type AlgorithmProgress, type Graph, type Numbers } from '../../lib/index.js'

interface Expected {
  directed: boolean
  nodes: number
  edges: [from: number, to: number, weight: number][]
  paths: {
    source: number
    target: number
    depths: (number | null)[]
    costs: (number | null)[]
    fewest_edges: number[][]
    cheapest: number[][]
    k_cheapest: number[]
  }
  centralities: Record<string, number[]>
  structure: {
    components: number[][]
    strong_components?: number[][]
    forest_weight: number
    triangles: number[]
    clustering: number[]
    clustering_average: number
    clustering_global: number
    cores: number[]
    articulation_points: number[]
    bridges: [number, number][]
  }
  communities: { louvain_modularity: [resolution: number, modularity: number][] }
  similarity: [a: number, b: number, jaccard: number, overlap: number, cosine: number][]
  flows: [source: number, sink: number, value: number][]
}

const file = new URL('../../crate/algorithm/tests/oracle/expected.json', import.meta.url)
const oracle = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Expected> & {
  below_zero: Record<string, Pick<Expected, 'nodes' | 'edges'> & { source: number; costs: (number | null)[] }>
}

const store = SledStore.memory()
afterAll(() => store.close())

/** A graph of the file; its nodes have ascending ids. */
async function load(name: string, { nodes, edges }: Pick<Expected, 'nodes' | 'edges'>) {
  const graph = store.graph(name)
  const ids = await graph.batch((batch) => {
    const ids = Array.from({ length: nodes }, (_, at) => batch.addNode({ labels: 'N', properties: { at } }))
    for (const [from, to, w] of edges) {
      batch.addEdge({ type: 'E', source: ids[from]!, target: ids[to]!, properties: { w } })
    }
    return ids
  })
  return { graph, ids }
}

describe.each(['karate', 'les_miserables', 'directed', 'dense'])('%s', (name) => {
  const expected = oracle[name]!
  const { paths, centralities, structure } = expected
  const direction = expected.directed ? 'out' : 'both'
  // networkx measures the distances to a node.
  const back = expected.directed ? 'in' : 'both'
  const weight = 'w'
  let graph: Graph
  let ids: number[]
  let source: number
  let target: number
  const at = (id: number): number => ids.indexOf(id)
  const places = (list: Iterable<number>): number[] => Array.from(list, at)

  beforeAll(async () => {
    ;({ graph, ids } = await load(name, expected))
    source = ids[paths.source]!
    target = ids[paths.target]!
  })

  function close(found: Numbers, values: number[], digits = 8): void {
    expect(found.length).toBe(values.length)
    for (const [place, value] of values.entries()) expect(found[place]).toBeCloseTo(value, digits)
  }

  /** Values by node, from rows for those that were reached. */
  function spread(node: Numbers, values: Numbers): (number | null)[] {
    const all: (number | null)[] = Array.from({ length: expected.nodes }, () => null)
    node.forEach((id, row) => (all[at(id)] = values[row]!))
    return all
  }

  function grouped(node: Numbers, parts: Numbers): number[][] {
    const groups: number[][] = []
    node.forEach((id, row) => (groups[parts[row]!] ??= []).push(at(id)))
    return groups
  }

  it('is searched', async () => {
    const bfs = await graph.algorithms.bfs({ source, direction })
    expect(spread(bfs.columns.node, bfs.columns.depth)).toEqual(paths.depths)
    const near = await graph.algorithms.bfs({ source: [source], direction, depth: 1 })
    expect(near.length).toBe(paths.depths.filter((depth) => depth !== null && depth < 2).length)
    const dfs = await graph.algorithms.dfs({ source, direction })
    expect([...dfs.columns.node].sort()).toEqual([...bfs.columns.node].sort())
    expect(dfs.toArray()[0]).toEqual({ node: source, depth: 0 })
  })

  it('has cheapest paths', async () => {
    const { algorithms } = graph
    for (const run of ['dijkstra', 'bellmanFord'] as const) {
      const { node, cost } = (await algorithms[run]({ source, direction, weight })).columns
      const costs = spread(node, cost)
      paths.costs.forEach((value, place) =>
        value === null ? expect(costs[place]).toBeNull() : expect(costs[place]).toBeCloseTo(value, 9),
      )
    }
    const between = { source, target, direction } as const
    const cheapest = (await algorithms.shortestPath({ ...between, weight })).toArray()
    expect(paths.cheapest).toContainEqual(places(cheapest[0]!.nodes))
    expect(cheapest[0]!.cost).toBeCloseTo(paths.costs[paths.target]!, 9)
    expect(cheapest[0]!.edges.length).toBe(cheapest[0]!.nodes.length - 1)
    const fewest = (await algorithms.shortestPath(between)).toArray()
    expect(paths.fewest_edges).toContainEqual(places(fewest[0]!.nodes))
    const yens = await algorithms.kShortestPaths({ ...between, weight, k: paths.k_cheapest.length })
    close(yens.columns.cost, paths.k_cheapest)
    const all = await algorithms.allShortestPaths(between)
    expect(all.summary.count).toBe(all.length)
    // Paths over different ones of parallel edges have the same nodes.
    const found = new Set(all.columns.nodes.map((nodes) => JSON.stringify(places(nodes))))
    expect([...found].sort()).toEqual(paths.fewest_edges.map((path) => JSON.stringify(path)).sort())
    expect(new Set(all.columns.edges.map((edges) => edges.join())).size).toBe(all.length)
    expect((await algorithms.allShortestPaths({ ...between, limit: 1 })).length).toBe(1)
  })

  it('has scores', async () => {
    const { algorithms } = graph
    const exact = { iterations: 1000, tolerance: 1e-13 }
    close((await algorithms.pageRank({ direction, ...exact })).columns.score, centralities['page_rank']!)
    const damped = await algorithms.pageRank({ direction, ...exact, damping: 0.5 })
    close(damped.columns.score, centralities['page_rank_damped']!)
    expect(damped.summary.converged).toBe(1)
    const [a, b] = [ids[0]!, ids[5]!]
    const personal = await algorithms.personalizedPageRank({ direction, weight, ...exact, sources: [a, a, a, b] })
    close(personal.columns.score, centralities['page_rank_personal']!)
    expect((await algorithms.pageRank({ iterations: 20, tolerance: 0 })).summary.iterations).toBe(20)
    const degrees = await algorithms.degree({ direction: 'both', weight })
    close(degrees.columns.degree, centralities['degrees']!)
    close(degrees.columns.weight, centralities['strengths']!)
    close((await algorithms.closeness({ direction: back })).columns.score, centralities['closeness']!)
    const harmonic = await algorithms.closeness({ direction: back, harmonic: true })
    close(harmonic.columns.score, centralities['harmonic']!)
    const plain = await algorithms.closeness({ direction: back, byShare: false, nodes: [b] })
    expect(plain.toArray()).toEqual([{ node: b, score: expect.closeTo(centralities['closeness_plain']![5]!, 9) }])
    close((await algorithms.betweenness({ direction })).columns.score, centralities['betweenness']!)
    const shares = await algorithms.betweenness({ direction, normalized: true })
    close(shares.columns.score, centralities['betweenness_normalized']!)
    const sampled = await algorithms.betweenness({ direction, samples: 5, seed: 1 })
    expect(sampled.length).toBe(expected.nodes)
  })

  it('has a structure', async () => {
    const { algorithms } = graph
    const parts = await algorithms.components()
    expect(grouped(parts.columns.node, parts.columns.component)).toEqual(structure.components)
    expect(parts.summary).toEqual({
      count: structure.components.length,
      largest: Math.max(...structure.components.map((part) => part.length)),
    })
    if (structure.strong_components !== undefined) {
      const strong = await algorithms.strongComponents()
      expect(grouped(strong.columns.node, strong.columns.component)).toEqual(structure.strong_components)
    }
    for (const method of ['kruskal', 'prim'] as const) {
      const tree = await algorithms.spanningTree({ weight, method })
      expect(tree.summary.weight).toBeCloseTo(structure.forest_weight, 9)
      expect(tree.summary.trees).toBe(structure.components.length)
      expect(tree.columns.weight.reduce((sum, one) => sum + one)).toBeCloseTo(structure.forest_weight, 9)
    }
    const triangles = await algorithms.triangleCount()
    expect([...triangles.columns.triangles]).toEqual(structure.triangles)
    const clustering = await algorithms.clusteringCoefficient()
    close(clustering.columns.coefficient, structure.clustering)
    expect(clustering.summary.average).toBeCloseTo(structure.clustering_average, 9)
    expect(clustering.summary.global).toBeCloseTo(structure.clustering_global, 9)
    expect([...(await algorithms.kCore()).columns.core]).toEqual(structure.cores)
    expect(places((await algorithms.articulationPoints()).columns.node)).toEqual(structure.articulation_points)
    const bridges = (await algorithms.bridges()).toArray()
    const key = (pair: number[]): string => `${Math.min(...pair)} ${Math.max(...pair)}`
    const ends = bridges.map(({ source, target }) => key([at(source), at(target)]))
    expect(ends.sort()).toEqual(structure.bridges.map((pair) => key(pair)).sort())
    for (const bridge of bridges) {
      expect(graph.edge(bridge.edge)).toMatchObject({ source: bridge.source, target: bridge.target })
    }
  })

  it('has communities', async () => {
    for (const run of ['louvain', 'leiden'] as const) {
      for (const [resolution, modularity] of expected.communities.louvain_modularity) {
        const seeds = Array.from({ length: 10 }, (_, seed) => seed)
        const found = await Promise.all(seeds.map((seed) => graph.algorithms[run]({ weight, resolution, seed })))
        expect(Math.max(...found.map(({ summary }) => summary.modularity))).toBeGreaterThan(modularity - 0.02)
        expect(Math.max(...found[0]!.columns.community) + 1).toBe(found[0]!.summary.count)
      }
    }
    const labels = await graph.algorithms.labelPropagation({ weight, seed: 3 })
    expect(labels.summary.settled).toBe(1)
    expect(new Set(labels.columns.community).size).toBe(labels.summary.count)
  })

  it('has similar nodes, flows and walks', async () => {
    for (const [place, metric] of (['jaccard', 'overlap', 'cosine'] as const).entries()) {
      const { columns } = await graph.algorithms.nodeSimilarity({ direction, metric, top: 1000 })
      const pairs = new Map<string, number>()
      columns.node.forEach((id, row) => pairs.set(`${at(id)} ${at(columns.other[row]!)}`, columns.similarity[row]!))
      for (const row of expected.similarity) {
        expect(pairs.get(`${row[0]} ${row[1]}`)).toBeCloseTo(row[2 + place]!, 9)
        expect(pairs.get(`${row[1]} ${row[0]}`)).toBeCloseTo(row[2 + place]!, 9)
      }
    }
    for (const [from, to, value] of expected.flows) {
      const flow = await graph.algorithms.maxFlow({ source: ids[from]!, target: ids[to]!, direction, weight })
      expect(flow.summary.value).toBeCloseTo(value, 9)
      if (direction === 'out') {
        let leaving = 0
        for (const row of flow)
          leaving += (row.source === ids[from] ? row.flow : 0) - (row.target === ids[from] ? row.flow : 0)
        expect(leaving).toBeCloseTo(value, 9)
      }
    }
    const options = { source, direction, weight, walks: 3, length: 7, seed: 5, returnFactor: 2 } as const
    const walks = await graph.algorithms.randomWalk(options)
    expect(walks.length).toBe(3)
    for (const { nodes } of walks) {
      expect(nodes[0]).toBe(source)
      for (let step = 1; step < nodes.length; step++) {
        const near = graph.neighbors(nodes[step - 1]!, { direction }).map(({ node }) => node.id)
        expect(near).toContain(nodes[step])
      }
    }
    expect((await graph.algorithms.randomWalk(options)).columns).toEqual(walks.columns)
  })
})

it('finds cheapest paths over weights below zero, and names a cycle', async () => {
  for (const [name, { source, costs, ...shape }] of Object.entries(oracle.below_zero)) {
    const { graph, ids } = await load(name, shape)
    const { columns } = await graph.algorithms.bellmanFord({ source: ids[source]!, weight: 'w' })
    const found = new Map(Array.from(columns.node, (id, row) => [ids.indexOf(id), columns.cost[row]!]))
    costs.forEach((cost, node) =>
      cost === null ? expect(found.has(node)).toBe(false) : expect(found.get(node)).toBeCloseTo(cost, 9),
    )
    await expect(graph.algorithms.dijkstra({ source: ids[source]!, weight: 'w' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  }
  const { graph, ids } = await load('cycle', {
    nodes: 2,
    edges: [
      [0, 1, 1],
      [1, 0, -2],
    ],
  })
  await expect(graph.algorithms.bellmanFord({ source: ids[0]!, weight: 'w' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
})

describe('a small graph', () => {
  let graph: Graph
  let a: number
  let b: number
  let c: number

  beforeAll(async () => {
    graph = store.graph('small')
    ;[a, b, c] = await graph.batch((batch) => {
      const a = batch.addNode({ labels: 'A', properties: { x: 0, y: 0, lon: 13.4, lat: 52.5 } })
      const b = batch.addNode({ labels: ['A', 'B'], properties: { x: 3, y: 4, lon: 11.6, lat: 48.1 } })
      const c = batch.addNode({ labels: 'B', properties: { x: 3, y: 5, lon: 10, lat: 53.5 } })
      batch.addEdge({ type: 'R', source: a, target: b, properties: { w: 5.5 } })
      batch.addEdge({ type: 'S', source: b, target: c })
      batch.addEdge({ type: 'S', source: a, target: c, properties: { w: 'heavy' } })
      return [a, b, c] as const
    })
  })

  it('is sorted, until it has a cycle', async () => {
    const { columns } = await graph.algorithms.topologicalSort()
    expect([[...columns.node], [...columns.position]]).toEqual([
      [a, b, c],
      [0, 1, 2],
    ])
    const edge = await graph.addEdge({ type: 'R', source: c, target: a })
    await expect(graph.algorithms.topologicalSort()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`nodes ${[a, b, c].join('|')}`)) as string,
    })
    await graph.removeEdge(edge)
    expect((await graph.algorithms.topologicalSort()).length).toBe(3)
  })

  it('is seen through labels, types and weights', async () => {
    const reached = async (options: object) => [...(await graph.algorithms.bfs({ source: a, ...options })).columns.node]
    expect(await reached({ labels: 'A' })).toEqual([a, b])
    expect(await reached({ labels: ['A', 'B'] })).toEqual([a, b, c])
    expect(await reached({ types: 'S' })).toEqual([a, c])
    expect(await reached({ types: ['S', 'never'], labels: 'A' })).toEqual([a])
    expect(await reached({ direction: 'in' })).toEqual([a])
    // What is no number weighs 1.
    expect((await graph.algorithms.dijkstra({ source: a, weight: 'w' })).toArray()).toEqual([
      { node: a, cost: 0 },
      { node: c, cost: 1 },
      { node: b, cost: 5.5 },
    ])
    await expect(graph.algorithms.bfs({ source: c, labels: 'A' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leads paths by coordinates', async () => {
    const { algorithms } = graph
    const led = await algorithms.aStar({ source: a, target: b, x: 'x', y: 'y', weight: 'w' })
    expect(led.toArray()).toMatchObject([{ cost: 5.5 }])
    const options = { source: a, target: b, longitude: 'lon', latitude: 'lat' } as const
    expect((await algorithms.aStar({ ...options, costPerUnit: 1e-6 })).columns.cost[0]).toBe(1)
    await expect(algorithms.aStar({ source: a, target: b, x: 'nothing', y: 'y' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await expect(algorithms.aStar({ source: a, target: b, x: 'x' } as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })

  it('gives what commits made of it, at every moment', async () => {
    const before = store.snapshot()
    const count = async (options?: object) => (await graph.algorithms.components(options)).length
    expect(await count()).toBe(3)
    const more = await graph.addNode({ labels: 'A' })
    expect([await count(), await count({ snapshot: before }), await count({ labels: 'A' })]).toEqual([4, 3, 3])
    await expect(
      store.transaction((tx) => {
        graph.in(tx).removeNode(a)
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await count()).toBe(4)
    await graph.removeNode(more)
    expect(await count()).toBe(3)
    before.close()
    await expect(graph.algorithms.components({ snapshot: before })).rejects.toMatchObject({ code: 'ENDED' })
    expect(store.stats().memory.derived).toBeGreaterThan(0)
  })

  it('refuses what an algorithm cannot take', async () => {
    const { algorithms } = graph as Graph & { algorithms: Record<string, (options?: unknown) => Promise<unknown>> }
    const refused: [name: string, options: unknown, error: unknown][] = [
      ['pageRank', { nobody: 1 }, TypeError],
      ['pageRank', 3, TypeError],
      ['pageRank', { iterations: '20' }, TypeError],
      ['pageRank', { iterations: 1.5 }, RangeError],
      ['pageRank', { direction: 'up' }, RangeError],
      ['pageRank', { types: [1] }, TypeError],
      ['pageRank', { onProgress: 1 }, TypeError],
      ['pageRank', { signal: {} }, TypeError],
      ['pageRank', { snapshot: store }, TypeError],
      ['pageRank', { weight: 7 }, TypeError],
      ['components', { direction: 'out' }, TypeError],
      ['closeness', { harmonic: 'yes' }, TypeError],
      ['bfs', {}, TypeError],
      ['bfs', { source: 'a' }, TypeError],
      ['bfs', { source: -1 }, RangeError],
    ]
    for (const [name, options, error] of refused)
      await expect(algorithms[name]!(options), name).rejects.toThrow(error as typeof Error)
    const coded: [name: string, options: unknown, code: string][] = [
      ['bfs', { source: 999_999 }, 'NOT_FOUND'],
      ['maxFlow', { source: a, target: a }, 'INVALID_ARGUMENT'],
      ['pageRank', { damping: 1.5 }, 'INVALID_ARGUMENT'],
      ['louvain', { resolution: -1 }, 'INVALID_ARGUMENT'],
      ['randomWalk', { returnFactor: 0 }, 'INVALID_ARGUMENT'],
      ['pageRank', { iterations: 2 ** 40 }, 'INVALID_ARGUMENT'],
    ]
    for (const [name, options, code] of coded)
      await expect(algorithms[name]!(options), name).rejects.toMatchObject({ code })
  })

  it('goes with its graph', async () => {
    const gone = store.graph('gone')
    await gone.addNode()
    expect((await gone.algorithms.kCore()).length).toBe(1)
    await store.dropGraph('gone')
    await expect(gone.algorithms.kCore()).rejects.toMatchObject({ code: 'NAMESPACE_DROPPED' })
  })
})

describe('procedures', () => {
  const expected = oracle['karate']!
  let graph: Graph

  beforeAll(async () => {
    ;({ graph } = await load('procedures', expected))
  })

  it('give what the calls give, with nodes in the place of ids', async () => {
    const ranked = graph.querySync<{ at: number; score: number }>(
      `CALL algo.pageRank({direction: 'both', iterations: 1000, tolerance: 1e-13}) YIELD node, score
       RETURN node.at AS at, score ORDER BY at`,
    )
    expect(ranked.rows.map(({ score }) => score)).toEqual(
      expected.centralities['page_rank']!.map((score) => expect.closeTo(score, 9) as number),
    )
    const path = await graph.query<{ places: number[]; types: string[]; cost: number }>(
      `MATCH (a:N {at: $from}), (b:N {at: $to})
       CALL algo.shortestPath.dijkstra({source: a, target: b, direction: 'both', weight: 'w'}) YIELD nodes, edges, cost
       RETURN [n IN nodes | n.at] AS places, [e IN edges | type(e)] AS types, cost`,
      { from: expected.paths.source, to: expected.paths.target },
    )
    expect(expected.paths.cheapest).toContainEqual(path.single().places)
    expect(path.single().types).toEqual(
      path
        .single()
        .places.slice(1)
        .map(() => 'E'),
    )
    const bridges = graph.querySync(
      'CALL algo.bridges() YIELD edge RETURN startNode(edge).at AS a, endNode(edge).at AS b',
    )
    expect(bridges.rows.length).toBe(expected.structure.bridges.length)
  })

  it('see what their query wrote, and stop with it', async () => {
    const count = graph.querySync<{ parts: number }>(
      'CREATE (:N) WITH 1 AS one CALL algo.components() YIELD component RETURN count(DISTINCT component) AS parts',
    )
    expect(count.single().parts).toBe(2)
    expect((await graph.algorithms.components()).summary.count).toBe(2)
    const some = graph.querySync(
      `MATCH (a:N {at: 16}), (b:N {at: 26})
       CALL algo.allShortestPaths({source: a, target: b, direction: 'both'}) YIELD nodes RETURN nodes LIMIT 1`,
    )
    expect(some.rows.length).toBe(1)
  })

  it('refuse what they cannot take by code', async () => {
    for (const [text, code] of [
      ['CALL algo.pageRank({iterations: "many"}) YIELD score RETURN score', 'INVALID_ARGUMENT'],
      ['CALL algo.pageRank({nobody: 1}) YIELD score RETURN score', 'INVALID_ARGUMENT'],
      ['CALL algo.bfs({source: 123456}) YIELD node RETURN node', 'NOT_FOUND'],
      ['CALL algo.pageRank({types: {}}) YIELD score RETURN score', 'QUERY_FAILED'],
    ] as const) {
      await expect(graph.query(text), text).rejects.toMatchObject({ code })
    }
  })
})

describe('long work', () => {
  let graph: Graph
  const nodes = 20_000

  beforeAll(async () => {
    graph = store.graph('long')
    await graph.batch((batch) => {
      const ids = Array.from({ length: nodes }, () => batch.addNode())
      ids.forEach((source, at) => {
        for (const step of [1, 7, 31]) batch.addEdge({ type: 'R', source, target: ids[(at * step + step) % nodes]! })
      })
    })
  })

  it('is reported: what is loaded, then what is done', async () => {
    const seen: AlgorithmProgress[] = []
    const onProgress = (progress: AlgorithmProgress) => seen.push(progress)
    await graph.algorithms.pageRank({ iterations: 30, tolerance: 0, onProgress })
    expect(seen[0]!.phase).toBe('load')
    const last = seen.at(-1)!
    expect(last.phase).toBe('run')
    expect(last.done).toBeGreaterThan(nodes)
    seen.length = 0
    await graph.algorithms.pageRank({ onProgress })
    expect(seen.map(({ phase }) => phase)).not.toContain('load')
  })

  it('ends by its signal, and leaves the graph usable', async () => {
    const reason = new Error('not wanted any more')
    const early = graph.algorithms.betweenness({ signal: AbortSignal.abort(reason) })
    await expect(early).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    const controller = new AbortController()
    const running = graph.algorithms.betweenness({
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    expect((await graph.algorithms.components()).summary.count).toBeGreaterThan(0)
  })
})
