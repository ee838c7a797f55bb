/**
 * What an engine answered, short enough to be kept and compared: how many rows, and a hash of them that does not depend
 * on their order. Ranks of nodes, which are no whole numbers, are compared one by one, within a tolerance.
 */

import { createHash } from 'node:crypto'

/** How far a rank may be from the right one, as a part of it: sums are added up in different orders. */
const rankTolerance = 1e-6
const hashDigits = 16

/**
 * @typedef {object} Answer
 * @property {number} rows
 * @property {string} [hash]
 * @property {number[]} [ranks] in the order of the nodes' keys
 */

/** Numbers of either kind are the same; what else differs in type differs. */
const plain = (value) => (typeof value === 'bigint' ? Number(value) : value)

/** Gathers the rows of several questions: those of one may come in any order, the questions may not. */
export class AnswerHash {
  #hash = createHash('sha256')
  #rows = 0

  /** @param {unknown[][]} rows */
  add(rows) {
    const lines = Array.from(rows, (row) => JSON.stringify(row.map(plain))).sort()
    this.#rows += lines.length
    this.#hash.update(`${lines.length}\n${lines.join('\n')}\n`)
  }

  /** Rows that are only counted. */
  count(rows) {
    this.#rows += rows
  }

  /** @returns {Answer} */
  end() {
    return { rows: this.#rows, hash: this.#hash.digest('hex').slice(0, hashDigits) }
  }
}

/**
 * @param {[string, number][]} ranks of nodes, by key
 * @returns {Answer}
 */
export function ranksAnswer(ranks) {
  const sorted = [...ranks].sort(([left], [right]) => (left < right ? -1 : 1))
  const keys = new AnswerHash()
  keys.add(sorted.map(([key]) => [key]))
  return { ...keys.end(), ranks: sorted.map(([, rank]) => rank) }
}

const said = ({ rows, hash }) => `${rows.toLocaleString('en')} rows of hash ${hash}`

/**
 * What is wrong about an answer; nothing when it is right.
 *
 * @param {Answer} expected
 * @param {Answer} found
 * @returns {string | undefined}
 */
export function difference(expected, found) {
  if (found.rows !== expected.rows || found.hash !== expected.hash)
    return `answered ${said(found)} instead of ${said(expected)}`
  if (expected.ranks === undefined) return undefined
  const at = expected.ranks.findIndex((rank, index) => !(Math.abs(found.ranks?.[index] - rank) <= rankTolerance * rank))
  return at === -1 ? undefined : `ranked node ${at} ${found.ranks?.[at]} instead of ${expected.ranks[at]}`
}

/** An answer without what is too long to be kept. */
export function kept({ rows, hash }) {
  return { rows, hash }
}
