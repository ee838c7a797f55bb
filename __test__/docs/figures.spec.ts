/** The figures of the page on performance stand in the decisions it names: none is made up, and none is left behind. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = new URL('../../docs/guide/performance.md', import.meta.url)

interface Row {
  readonly what: string
  readonly figures: readonly string[]
  readonly decision: URL
}

const numbersOf = (text: string): string[] => text.match(/\d[\d,.]*\d|\d/g) ?? []

const rows: Row[] = [...readFileSync(page, 'utf8').matchAll(/^\| (.+) \| (.+) \| \[\d+\]\((\S+)\) \|$/gm)].map(
  ([, what = '', figure = '', link = '']) => ({ what, figures: numbersOf(figure), decision: new URL(link, page) }),
)

/** Figures of a row that its decision does not have. */
const strangers = ({ figures, decision }: Row): string[] => {
  const known = new Set(numbersOf(readFileSync(decision, 'utf8').replaceAll('–', ' ')))
  return figures.filter((figure) => !known.has(figure))
}

it('has figures of what it is good at and of what it is not', () => {
  expect(rows.length).toBeGreaterThan(8)
  expect(rows.every(({ figures }) => figures.length > 0)).toBe(true)
})

it.each(rows)('$what', (row) => {
  expect(strangers(row)).toEqual([])
})

it('finds a figure that was made up', () => {
  expect(strangers({ ...rows[0]!, figures: ['0.93'] })).toEqual(['0.93'])
})
