/** Compares what the store answered with what is right, and names each difference. */

import { isDeepStrictEqual } from 'node:util'

/** Single precision in the store, double precision here: how far two distances may be apart. */
const toleranceOfDistance = 1e-5

/**
 * @param {import('./questions.mjs').Answers} answers
 * @param {import('./questions.mjs').Truth} truth
 * @param {number} limit how many nearest were asked for
 * @returns {string[]} none when all is right
 */
export function differences(answers, truth, limit) {
  const found = []
  const check = (what, isRight, given, right) => {
    if (!isRight) found.push(`${what}: the store says ${JSON.stringify(given)}, right is ${JSON.stringify(right)}`)
  }
  for (const name of ['nodes', 'edges', 'vectors', 'metadata']) {
    check(name, isDeepStrictEqual(answers[name], truth[name]), answers[name], truth[name])
  }
  const isOneOfThem = truth.ancestries.some((path) => isDeepStrictEqual(path, answers.ancestry))
  check('ancestry of the whale', isOneOfThem, answers.ancestry, truth.ancestries)
  const [parts, rightParts] = [sorted(answers.parts), sorted(truth.parts)]
  check('parts of the tree', isDeepStrictEqual(parts, rightParts), parts, rightParts)
  for (const name of ['nearest', 'nearestOfPart']) {
    found.push(...differencesOfNearest(name, answers[name], truth[name], limit))
  }
  return found
}

function sorted(concepts) {
  return [...concepts].sort((left, right) => (left.key < right.key ? -1 : 1))
}

/**
 * Concepts at the same distance may come in any order. So: at each rank the right distance, and each concept at its own
 * right distance, once.
 */
function differencesOfNearest(name, given, right, limit) {
  const expected = right.slice(0, limit)
  if (given.length !== expected.length) return [`${name}: ${given.length} concepts instead of ${expected.length}`]
  const distances = new Map(right.map(({ key, distance }) => [key, distance]))
  const found = []
  for (const [rank, { key, distance }] of given.entries()) {
    const own = distances.get(key)
    if (own === undefined) found.push(`${name}: ${key} does not belong there, or is there twice`)
    else if (!isClose(distance, own)) found.push(`${name}: ${key} is at ${own}, not at ${distance}`)
    else if (!isClose(distance, expected[rank].distance)) {
      found.push(`${name}: number ${rank + 1} is ${expected[rank].key} at ${expected[rank].distance}, not ${key}`)
    }
    distances.delete(key)
  }
  return found
}

function isClose(left, right) {
  return Math.abs(left - right) <= toleranceOfDistance
}
