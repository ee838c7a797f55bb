/** The kit's notation is read as what it says, and text that is no value is refused. */

import { describe, expect, it } from 'vitest'
import { skip } from '../helpers/tools.js'
import { Node, Path, Relationship, format, kitFolder, parseValue, readKit } from './modules.js'

describe('values are read', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['false', false],
    ['0', 0n],
    ['-42', -42n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['1.0', 1],
    ['-.5', -0.5],
    ['1e9', 1e9],
    ['1.2635418652381264e305', 1.2635418652381264e305],
    ['-1E-7', -1e-7],
    ['-0.0', -0],
    ['NaN', Number.NaN],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ["''", ''],
    [String.raw`'\''`, "'"],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`'a\\b'`, String.raw`a\b`],
    [String.raw`'a\nb'`, 'a\nb'],
    ["'a\nb'", 'a\nb'],
    [String.raw`'\'`, '\\'],
    [String.raw`'\d'`, String.raw`\d`],
    ["'🧐❖'", '🧐❖'],
    ["'2015-07-21T21:40:32.142+02:00[Europe/Stockholm]'", '2015-07-21T21:40:32.142+02:00[Europe/Stockholm]'],
    ['[]', []],
    ["[1, [2.0], 'a, b]', null]", [1n, [2], 'a, b]', null]],
    ['{}', {}],
    ["{a: 1, b: {c: ['}']}}", { a: 1n, b: { c: ['}'] } }],
    ['()', new Node(undefined)],
    ["(:A:B {p: 'x'})", new Node(undefined, ['A', 'B'], { p: 'x' })],
    ['({num:1})', new Node(undefined, [], { num: 1n })],
    ['[:T]', new Relationship(undefined, undefined, undefined, 'T')],
    ['[:T {p: 1}]', new Relationship(undefined, undefined, undefined, 'T', { p: 1n })],
    ['[[:T]]', [new Relationship(undefined, undefined, undefined, 'T')]],
    ['<()>', new Path([new Node(0)])],
    [
      '<(:A)-[:T]->()<-[:U {p: 1}]-(:C)>',
      new Path(
        [new Node(0, ['A']), new Node(1), new Node(2, ['C'])],
        [new Relationship(undefined, 0, 1, 'T'), new Relationship(undefined, 2, 1, 'U', { p: 1n })],
      ),
    ],
  ])('%s', (text, value) => {
    expect(parseValue(text)).toStrictEqual(value)
  })

  it('a key __proto__ is one like others', () => {
    expect(Object.keys(parseValue('{__proto__: 1}') as object)).toEqual(['__proto__'])
  })
})

describe('no value is', () => {
  const noValues = [
    [
      '',
      '1 2',
      '1,',
      "'a",
      '[1',
      '[1 2]',
      '{a 1}',
      '{a: 1, a: 2}',
      '(:)',
      '(A)',
      '[:]',
      '<>',
      '<[:T]>',
      '<()-[:T]-()>',
    ],
    ['<()-[:T]->', 'nil', 'True', '1.', '9223372036854775808', '-9223372036854775809', '2015-07-21', '"a"', '(:A'],
  ].flat()
  it.each(noValues)('%s', (text) => {
    expect(() => parseValue(text)).toThrow()
  })
})

describe('text of values', () => {
  it.each([
    ['1', '1'],
    ['1.0', '1.0'],
    ['-0.0', '-0.0'],
    ['1e300', '1e+300'],
    ['NaN', 'NaN'],
    ['-Inf', '-Inf'],
    [String.raw`'it\'s'`, String.raw`'it\'s'`],
    ['(:B:A {q: 1, p: [null]})', '(:A:B {p: [null], q: 1})'],
    ['[:T {p: true}]', '[:T {p: true}]'],
    ['<(:A)-[:T]->()<-[:U]-()>', '<(:A)-[:T]->()<-[:U]-()>'],
  ])('%s', (text, told) => {
    expect(format(parseValue(text))).toBe(told)
  })
})

it('every value of the kit is read, and told as it was written', (context) => {
  const kit = readKit(kitFolder) ?? skip(context, `there is no ${kitFolder}`)
  const steps = kit.scenarios.flatMap((scenario) => scenario.steps)
  const results = steps
    .filter(({ text }) => text.startsWith('the result should be'))
    .flatMap(({ table = [] }) => table.slice(1))
  const procedures = steps
    .filter(({ text }) => text.startsWith('there exists'))
    .flatMap(({ table = [] }) => table.slice(1))
  const parameters = steps
    .filter(({ text }) => text === 'parameters are:')
    .flatMap(({ table = [] }) => table.map(([, cell]) => [cell!]))
  const cells = new Set([results, procedures, parameters].flat(2))
  expect(cells.size).toBeGreaterThan(100)
  for (const cell of cells) {
    const value = parseValue(cell)
    expect(parseValue(format(value)), cell).toStrictEqual(withSortedNames(value))
  }
})

/** Labels in the order in which they are told; keys have none for a comparison. */
function withSortedNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedNames)
  return value instanceof Node ? new Node(value.id, [...value.labels].sort(), value.properties) : value
}
