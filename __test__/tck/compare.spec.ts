/** An engine's value passes for the expected one when it is that value, and for no other. */

import { describe, expect, it } from 'vitest'
import { Node, Path, Relationship, Temporal, matches, parseValue } from './modules.js'

const node = (id: number, ...labels: string[]) => new Node(id, labels)
const from = (start: number, end: number) => new Relationship(7, start, end, 'T')

describe('passes', () => {
  it.each<[string, unknown]>([
    ['1', 1n],
    ['1.0', 1],
    ['NaN', Number.NaN],
    ['0.0', 0],
    ['0.0', -0],
    ['-0.0', -0],
    ['null', null],
    ["'a'", 'a'],
    ["'2015-07-21'", new Temporal('2015-07-21')],
    ['[1, 2]', [1n, 2n]],
    ['{a: 1, b: NaN}', { b: Number.NaN, a: 1n }],
    ['{}', Object.create(null)],
    ['(:A:B {p: 1})', new Node(3, ['B', 'A'], { p: 1n })],
    ['[:T]', from(1, 2)],
    ['<(:A)-[:T]->(:B)>', new Path([node(1, 'A'), node(2, 'B')], [from(1, 2)])],
    ['<(:A)<-[:T]-(:B)>', new Path([node(1, 'A'), node(2, 'B')], [from(2, 1)])],
    ['<()-[:T]->()>', new Path([node(1), node(1)], [from(1, 1)])],
    ['<()<-[:T]-()>', new Path([node(1), node(1)], [from(1, 1)])],
  ])('%s', (expected, actual) => {
    expect(matches(parseValue(expected), actual)).toBe(true)
  })

  it('lists in any order, however deep, where that is asked', () => {
    const expected = parseValue("[[1, 2], {a: [1.0, NaN]}, 'x']")
    const actual = ['x', [2n, 1n], { a: [Number.NaN, 1] }]
    expect(matches(expected, actual, true)).toBe(true)
    expect(matches(expected, actual)).toBe(false)
    expect(matches(parseValue('[1, 1, 2]'), [1n, 2n, 2n], true)).toBe(false)
  })

  it('lists where one element is right for two expectations', () => {
    const zeros = parseValue('[0.0, -0.0]')
    expect(matches(zeros, [-0, 0], true)).toBe(true)
    expect(matches(zeros, [0, 0], true)).toBe(false)
  })
})

describe('is another value', () => {
  it.each<[string, unknown]>([
    ['1', 1],
    ['1.0', 1n],
    ['1', 2n],
    ['1', '1'],
    ['1', true],
    ['-0.0', 0],
    ['NaN', null],
    ['null', undefined],
    ['null', 'null'],
    ['true', 'true'],
    ["'a'", 'A'],
    ["'2015-07-21'", new Temporal('2015-07-22')],
    ['1', new Temporal('1')],
    ['[1, 2]', [2n, 1n]],
    ['[1, 2]', [1n]],
    ['[]', {}],
    ['{}', []],
    ['{}', node(1)],
    ['{}', new Temporal('P1D')],
    ['{a: null}', {}],
    ['{}', { a: null }],
    ['{a: 1}', { b: 1n }],
    ['{__proto__: {}}', { a: 1n }],
    ['(:A:B)', node(1, 'A', 'A')],
    ['()', {}],
    ['()', node(1, 'A')],
    ['(:A)', node(1)],
    ['(:A)', node(1, 'A', 'A')],
    ['(:A:B)', node(1, 'A', 'C')],
    ['({p: 1})', new Node(1, [], { p: 1 })],
    ['[:T]', new Relationship(1, 1, 2, 'U')],
    ['[:T {p: 1}]', from(1, 2)],
    ['[:T]', [from(1, 2)]],
    ['<()>', node(1)],
    ['<()>', new Path([node(1, 'A')])],
    ['<(:A)-[:T]->(:B)>', new Path([node(1, 'A'), node(2, 'B')], [from(2, 1)])],
    ['<(:A)<-[:T]-(:B)>', new Path([node(1, 'A'), node(2, 'B')], [from(1, 2)])],
    ['<(:A)-[:T]->(:B)>', new Path([node(2, 'B'), node(1, 'A')], [from(1, 2)])],
    ['<()-[:T]->()>', new Path([node(1), node(2)], [from(1, 3)])],
    ['<()-[:T]->()>', new Path([node(1)])],
  ])('%s', (expected, actual) => {
    expect(matches(parseValue(expected), actual)).toBe(false)
  })
})
