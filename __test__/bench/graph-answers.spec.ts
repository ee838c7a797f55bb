/** Answers of the graph suite: the same whatever their order, and different when anything in them is. */

import { describe, expect, it } from 'vitest'
import type { Answer } from './graph-modules.js'
import { benchModule } from './modules.js'

const { AnswerHash, difference, kept, ranksAnswer } = await benchModule<{
  AnswerHash: new () => { add(rows: unknown[][]): void; count(rows: number): void; end(): Answer }
  difference(expected: Answer, found: Answer): string | undefined
  kept(answer: Answer): Answer
  ranksAnswer(ranks: [string, number][]): Answer
}>('graph/answers.mjs')

function answerOf(...questions: unknown[][][]): Answer {
  const hash = new AnswerHash()
  for (const rows of questions) hash.add(rows)
  return hash.end()
}

describe('an answer', () => {
  const rows = [
    ['a', 1],
    ['b', 2],
    ['b', 2],
  ]

  it('is the same in any order of the rows, and with numbers of either kind', () => {
    const answer = answerOf(rows)
    expect(answer.rows).toBe(3)
    expect(difference(answer, answerOf([...rows].reverse()))).toBeUndefined()
    expect(difference(answer, answerOf(rows.map(([name, number]) => [name, BigInt(number!)])))).toBeUndefined()
  })

  it('differs in a value, a type, a row more or less, and the question that was answered', () => {
    const answer = answerOf(rows)
    const others = [
      answerOf([...rows.slice(0, 2), ['b', 3]]),
      answerOf([...rows.slice(0, 2), ['b', '2']]),
      answerOf([...rows.slice(0, 2), ['b', null]]),
      answerOf(rows.slice(1)),
      answerOf([...rows, ['b', 2]]),
      answerOf(rows.slice(0, 1), rows.slice(1)),
      answerOf(rows.slice(1), rows.slice(0, 1)),
      answerOf([], rows),
    ]
    for (const other of others) expect(difference(answer, other)).toContain('instead of 3 rows')
    expect(new Set(others.map(({ hash }) => hash)).size).toBe(others.length)
  })

  it('differs in rows that were only counted', () => {
    const [counted, other] = [3, 4].map((count) => {
      const hash = new AnswerHash()
      hash.count(count)
      return hash.end()
    })
    expect(difference(counted!, other!)).toContain('answered 4 rows')
  })
})

describe('ranks', () => {
  const ranks: [string, number][] = [
    ['a', 0.5],
    ['b', 0.3],
    ['c', 0.2],
  ]
  const answer = ranksAnswer(ranks)
  const changed = (key: string, factor: number): Answer =>
    ranksAnswer(ranks.map(([name, rank]) => [name, name === key ? rank * factor : rank]))

  it('may differ by how sums are rounded, and come in any order', () => {
    expect(difference(answer, ranksAnswer([...ranks].reverse()))).toBeUndefined()
    expect(difference(answer, changed('b', 1 + 1e-9))).toBeUndefined()
  })

  it('may not differ by more, be of other nodes, or be missing', () => {
    expect(difference(answer, changed('b', 1.001))).toContain('ranked node 1')
    expect(difference(answer, changed('c', Number.NaN))).toContain('ranked node 2')
    expect(difference(answer, ranksAnswer([...ranks.slice(1), ['d', 0.5]]))).toContain('instead of 3 rows')
    expect(difference(answer, ranksAnswer(ranks.slice(1)))).toContain('answered 2 rows')
  })

  it('are not kept, but what tells them apart is', () => {
    expect(Object.keys(kept(answer))).toEqual(['rows', 'hash'])
  })
})
