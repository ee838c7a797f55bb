/** What makes other sets of the same images: a rotation, fewer dimensions, repeated rows, another order of insertion. */

import { randomOf, shuffled } from './random.mjs'
import { components } from './sources.mjs'

/** Rounds of a rotation: each mixes pairs, so that ten reach every component, and twice as many mix well. */
const rounds = 20

/**
 * Turns all vectors by one random rotation of the space, which keeps every distance: Kac's walk, in each round of which
 * the components are paired at random and each pair is turned by a random angle. Eight bits hold a pixel without loss,
 * but not a component of the result.
 *
 * @param {Float32Array[]} parts arrays of rows; they are changed
 */
export function rotate(parts, seed) {
  const random = randomOf(seed)
  for (let round = 0; round < rounds; round++) {
    const order = shuffled(components, random)
    const turns = Array.from({ length: components / 2 }, () => {
      const angle = 2 * Math.PI * random()
      return [Math.cos(angle), Math.sin(angle)]
    })
    for (const rows of parts) turn(rows, order, turns)
  }
}

function turn(rows, order, turns) {
  for (let start = 0; start < rows.length; start += components) {
    for (let pair = 0; pair < turns.length; pair++) {
      const [cosine, sine] = turns[pair]
      const one = start + order[2 * pair]
      const two = start + order[2 * pair + 1]
      const [x, y] = [rows[one], rows[two]]
      rows[one] = cosine * x - sine * y
      rows[two] = sine * x + cosine * y
    }
  }
}

/** The first components of each row. */
export function narrowed(rows, dimensions) {
  const count = rows.length / components
  const narrow = new Float32Array(count * dimensions)
  for (let row = 0; row < count; row++)
    narrow.set(rows.subarray(row * components, row * components + dimensions), row * dimensions)
  return narrow
}

/** Rows in an order. */
export function inOrder(rows, order) {
  const placed = new Float32Array(order.length * components)
  for (let at = 0; at < order.length; at++)
    placed.set(rows.subarray(order[at] * components, (order[at] + 1) * components), at * components)
  return placed
}

/** Each of the first tenth of the rows ten times, scattered. */
export const repeatedOrder = (count, seed) => shuffled(count, randomOf(seed)).map((row) => Math.floor(row / 10))

/** One class of images after the other. */
export const clusteredOrder = (labels) =>
  Uint32Array.from(labels, (_, at) => at).sort((a, b) => labels[a] - labels[b] || a - b)

/** From the darkest image to the brightest, so that each comes beyond all that are there. */
export function sortedOrder(rows) {
  const sums = new Float64Array(rows.length / components)
  for (let at = 0; at < rows.length; at++) sums[Math.floor(at / components)] += rows[at]
  return Uint32Array.from(sums, (_, at) => at).sort((a, b) => sums[a] - sums[b] || a - b)
}
