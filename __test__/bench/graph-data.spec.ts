/** The social graphs of the bench: the same for a seed, of the size that was asked for, and skewed as they are said to be. */

import { describe, expect, it } from 'vitest'
import { makeSocialGraph, type Graph } from './graph-modules.js'

const nodes = 5_000
const edges = 25_000
const graph = makeSocialGraph({ nodes, edges, seed: 7 })

/** How many edges each node has at one of its ends, most first. */
function degrees(ends: Uint32Array): number[] {
  const counts = new Array<number>(nodes).fill(0)
  for (const node of ends) counts[node]!++
  return counts.sort((a, b) => b - a)
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0)
const pairsOf = ({ sources, targets }: Graph): string[] =>
  Array.from(sources, (source, at) => `${source} ${targets[at]}`)

describe('a social graph', () => {
  it('is the same for a seed, and another for another', () => {
    expect(makeSocialGraph({ nodes, edges, seed: 7 })).toEqual(graph)
    expect(pairsOf(makeSocialGraph({ nodes, edges, seed: 8 }))).not.toEqual(pairsOf(graph))
  })

  it('has the nodes and edges that were asked for, all different, none from a node to itself', () => {
    expect([graph.nodes.length, graph.sources.length, graph.targets.length]).toEqual([nodes, edges, edges])
    expect(graph.edgeColumns['since']).toHaveLength(edges)
    expect(new Set(graph.nodes.map(({ key }) => key)).size).toBe(nodes)
    expect(new Set(pairsOf(graph)).size).toBe(edges)
    expect(graph.sources.every((source, at) => source !== graph.targets[at])).toBe(true)
    expect(Math.max(...graph.sources, ...graph.targets)).toBeLessThan(nodes)
  })

  it('has few who are known by many, and knowing is less uneven', () => {
    const [known, knowing] = [degrees(graph.targets), degrees(graph.sources)]
    const shareOf = (counts: number[]): number => sum(counts.slice(0, nodes / 100)) / edges
    expect(known[0]).toBeGreaterThan(100)
    expect(shareOf(known)).toBeGreaterThan(0.08)
    expect(shareOf(knowing)).toBeLessThan(shareOf(known) / 2)
    expect(shareOf(knowing)).toBeGreaterThan(0.02)
  })

  it('has the ones that are known by most anywhere, not at the first rows', () => {
    const counts = new Map<number, number>()
    for (const target of graph.targets) counts.set(target, (counts.get(target) ?? 0) + 1)
    const top = [...counts].sort(([, a], [, b]) => b - a).slice(0, 20)
    expect(top.filter(([row]) => row > nodes / 2).length).toBeGreaterThan(3)
    expect(top.filter(([row]) => row < nodes / 2).length).toBeGreaterThan(3)
  })

  it('closes more triangles than chance would', () => {
    const out = new Map<number, Set<number>>()
    graph.sources.forEach((source, at) => out.set(source, (out.get(source) ?? new Set()).add(graph.targets[at]!)))
    const closes = (source: number, target: number): boolean =>
      [...(out.get(source) ?? [])].some((middle) => out.get(middle)?.has(target))
    const closed = graph.sources.filter((source, at) => closes(source, graph.targets[at]!)).length
    expect(closed / edges).toBeGreaterThan(0.15)
  })

  it('has people with names, ages and cities, of which some are large', () => {
    const cities = new Map<string, number>()
    for (const { name, age, city } of graph.nodes) {
      expect(name).toMatch(/^[A-Z]\w+ [A-Z]\w+$/)
      expect(age >= 16 && age <= 90).toBe(true)
      cities.set(city, (cities.get(city) ?? 0) + 1)
    }
    expect(cities.size).toBe(64)
    expect(Math.max(...cities.values())).toBeGreaterThan((3 * nodes) / 64)
  })
})
