/**
 * Attributes of the rows, and the filters that are asked with. A filter is an equality with one attribute, and lets a half,
 * a tenth, a hundredth or a thousandth of the rows pass.
 *
 * Of each share there are two attributes: one is random; the other says in which region of the space a row lies. Regions
 * are the cells of a tree: the rows of a cell are put in order by their projection on the line between two of them that
 * are far from each other, and cut into 2, then 5, then 10, then 10 parts of one size. The filter `near` asks for the
 * region that a query itself falls into, so that filter and query agree; `far` asks for the region whose middle is
 * farthest from the query, so that the way to it leads away from all that is near.
 */

import { randomOf } from './random.mjs'

/** One of how many rows passes. */
export const shares = [2, 10, 100, 1000]
export const filterKinds = ['random', 'near', 'far']
/** Numbers of a row: its random bucket of each share, then its region of each. */
export const attributesOfRow = 2 * shares.length
const cuts = shares.map((share, at) => share / (at === 0 ? 1 : shares[at - 1]))

/** The attribute that a filter asks for; `column` is its place among the numbers of a row. */
export function attributeOf(kind, share) {
  const level = shares.indexOf(share)
  const isRandom = kind === 'random'
  return { name: `${isRandom ? 'u' : 'r'}${share}`, column: level + (isRandom ? 0 : shares.length) }
}

/** The names of all attributes, in the order of a row's numbers. */
export const attributeNames = ['u', 'r'].flatMap((letter) => shares.map((share) => `${letter}${share}`))

/** The attributes of a row, as an engine stores them. */
export function attributesAt(attributes, row) {
  const start = row * attributesOfRow
  return Object.fromEntries(attributeNames.map((name, at) => [name, attributes[start + at]]))
}

/** Place of a query's bucket, by kind and share, among those of all queries. */
export const askedAt = (query, kind, share) =>
  (query * filterKinds.length + filterKinds.indexOf(kind)) * shares.length + shares.indexOf(share)

/** Buckets of all rows, and those that each query is filtered by. */
export function bucketsOf({ rows, queries }, { seed, rows: count, queries: asked }) {
  const random = randomOf(seed + 17)
  const dimensions = rows.length / count
  const tree = treeOf(rows, count, dimensions, random)
  const attributes = new Uint16Array(count * attributesOfRow)
  for (let row = 0; row < count; row++) {
    shares.forEach((share, level) => {
      attributes[row * attributesOfRow + level] = Math.floor(random() * share)
      attributes[row * attributesOfRow + shares.length + level] = tree.regions[level][row]
    })
  }
  const buckets = new Uint16Array(asked * filterKinds.length * shares.length)
  for (let query = 0; query < asked; query++) {
    const vector = queries.subarray(query * dimensions, (query + 1) * dimensions)
    const path = regionsAt(tree.root, vector)
    shares.forEach((share, level) => {
      buckets[askedAt(query, 'random', share)] = Math.floor(random() * share)
      buckets[askedAt(query, 'near', share)] = path[level]
      buckets[askedAt(query, 'far', share)] = farthest(tree.middles[level], vector)
    })
  }
  return { attributes, asked: buckets }
}

function treeOf(rows, count, dimensions, random) {
  const regions = shares.map(() => new Uint16Array(count))
  const middles = shares.map((share) => Array.from({ length: share }, () => new Float64Array(dimensions)))
  const vectorOf = (row) => rows.subarray(row * dimensions, (row + 1) * dimensions)
  const split = (members, level, first) => {
    if (level === shares.length) return undefined
    const direction = directionOf(members, vectorOf, random)
    const ordered = members
      .map((row) => ({ row, at: dot(vectorOf(row), direction) }))
      .sort((a, b) => a.at - b.at || a.row - b.row)
    const parts = cuts[level]
    const bound = (part) => Math.round((part * ordered.length) / parts)
    const limits = Array.from({ length: parts - 1 }, (_, part) => ordered[bound(part + 1)]?.at ?? Infinity)
    const children = Array.from({ length: parts }, (_, part) => {
      const some = ordered.slice(bound(part), bound(part + 1)).map(({ row }) => row)
      const region = first * parts + part
      for (const row of some) regions[level][row] = region
      addMiddle(middles[level][region], some, vectorOf)
      return split(some, level + 1, region)
    })
    return { direction, limits, children, first }
  }
  return {
    root: split(
      Array.from({ length: count }, (_, row) => row),
      0,
      0,
    ),
    regions,
    middles,
  }
}

/** From one member to the farthest of some others. */
function directionOf(members, vectorOf, random) {
  const tried = 64
  const pick = () => members[Math.floor(random() * members.length)]
  if (members.length === 0) return new Float64Array(0)
  const one = vectorOf(pick())
  let other = one
  let distance = -1
  for (let turn = 0; turn < tried; turn++) {
    const candidate = vectorOf(pick())
    const found = squared(one, candidate)
    if (found > distance) [other, distance] = [candidate, found]
  }
  return Float64Array.from(other, (value, at) => value - one[at])
}

function addMiddle(middle, members, vectorOf) {
  for (const row of members) vectorOf(row).forEach((value, at) => (middle[at] += value / members.length))
}

function regionsAt(root, vector) {
  const path = []
  for (let node = root; node !== undefined;) {
    const at = dot(vector, node.direction)
    const part = node.limits.filter((limit) => at >= limit).length
    path.push(node.first * node.children.length + part)
    node = node.children[part]
  }
  return path
}

function farthest(middles, vector) {
  let found = 0
  let distance = -1
  middles.forEach((middle, region) => {
    const far = squared(middle, vector)
    if (far > distance) [found, distance] = [region, far]
  })
  return found
}

function dot(vector, direction) {
  let sum = 0
  for (let at = 0; at < direction.length; at++) sum += vector[at] * direction[at]
  return sum
}

function squared(one, other) {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += (one[at] - other[at]) ** 2
  return sum
}
