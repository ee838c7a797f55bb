/** Every form of step is recognized, and none that is unknown or misshapen is passed over. */

import { describe, expect, it } from 'vitest'
import { skip } from '../helpers/tools.js'
import { answersOf, kitFolder, parseSignature, readKit, readStep, textOf, type RawStep } from './modules.js'

const signature = 'test.my.proc(name :: STRING?, id :: INTEGER) :: (city :: LIST OF STRING?)'

describe('recognized', () => {
  const result = { is: 'result', columns: ['a'], rows: [[1n]], inOrder: false, anyElementOrder: false }
  const table = [['a'], ['1']]
  it.each<[string, Omit<RawStep, 'text'>, object]>([
    ['an empty graph', {}, { is: 'graph', name: undefined }],
    ['any graph', {}, { is: 'graph', name: undefined }],
    ['the binary-tree-1 graph', {}, { is: 'graph', name: 'binary-tree-1' }],
    ['having executed:', { docString: 'Q' }, { is: 'setup', query: 'Q' }],
    ['after having executed:', { docString: 'Q' }, { is: 'setup', query: 'Q' }],
    ['parameters are:', { table: [['p', '1.0']] }, { is: 'parameters', values: { p: 1 } }],
    ['parameter values are:', { table: [['p', "'1'"]] }, { is: 'parameters', values: { p: '1' } }],
    ['executing query:', { docString: 'Q' }, { is: 'query', query: 'Q', control: false }],
    ['executing control query:', { docString: 'Q' }, { is: 'query', query: 'Q', control: true }],
    ['the result should be empty', {}, { ...result, columns: [], rows: [] }],
    ['the result should be, in any order:', { table }, result],
    ['the result should be, in order:', { table }, { ...result, inOrder: true }],
    ['the result should be (ignoring element order for lists):', { table }, { ...result, anyElementOrder: true }],
    [
      'the result should be, in order (ignoring element order for lists):',
      { table },
      { ...result, inOrder: true, anyElementOrder: true },
    ],
    ['no side effects', {}, { is: 'effects', effects: {} }],
    ['the side effects should be:', { table: [['+nodes', '2']] }, { is: 'effects', effects: { '+nodes': 2 } }],
    [
      'a SyntaxError should be raised at compile time: UndefinedVariable',
      {},
      { is: 'error', kind: 'SyntaxError', phase: 'compile time', detail: 'UndefinedVariable' },
    ],
    [
      'an EntityNotFound should be raised at runtime: DeletedEntityAccess',
      {},
      { is: 'error', kind: 'EntityNotFound', phase: 'runtime', detail: 'DeletedEntityAccess' },
    ],
    [
      'a TypeError should be raised at any time: *',
      {},
      { is: 'error', kind: 'TypeError', phase: 'any time', detail: '*' },
    ],
    ['an error with GQL code 22N01 should be raised', {}, { is: 'gql error', status: '22N01', message: undefined }],
    [
      'an error with GQL code 22N01 should be raised with message matching: .*wrong.*',
      {},
      { is: 'gql error', status: '22N01', message: '.*wrong.*' },
    ],
    ['there exists a CSV file with URL as $file, with rows:', { table }, { is: 'csv', parameter: 'file', rows: table }],
    [
      `there exists a procedure ${signature}:`,
      {
        table: [
          ['name', 'id', 'city'],
          ["'a'", '1', 'null'],
        ],
      },
      { is: 'procedure', signature: parseSignature(signature), rows: [['a', 1n, null]] },
    ],
    [
      'there exists a procedure test.doNothing() :: () :',
      { table: [[]] },
      { is: 'procedure', signature: { name: 'test.doNothing', parameters: [], results: [] }, rows: [] },
    ],
  ])('%s', (text, below, step) => {
    expect(readStep({ text, ...below })).toEqual(step)
  })

  it('every step of the kit', (context) => {
    const kit = readKit(kitFolder) ?? skip(context, `there is no ${kitFolder}`)
    const kinds = new Set(kit.scenarios.flatMap(({ steps }) => steps.map((step) => readStep(step).is)))
    expect([...kinds].sort()).toEqual([
      'effects',
      'error',
      'graph',
      'parameters',
      'procedure',
      'query',
      'result',
      'setup',
    ])
  })
})

describe('refused', () => {
  it.each<[string, Omit<RawStep, 'text'>]>([
    ['an empty graph, more or less', {}],
    ['the result should be nice', {}],
    ['the result should be, in any order', { table: [['a']] }],
    ['a SyntaxError should be raised at noon: UndefinedVariable', {}],
    ['a SyntaxFault should be raised at compile time: UndefinedVariable', {}],
    ['a SyntaxError should be raised at compile time: UndefinedVariables', {}],
    ['a SyntaxError should be raised at compile time: undefinedVariable', {}],
    ['a SyntaxError should be raised at compile time: UndefinedVariable, or so', {}],
    ['a SyntaxError should be raised at compile time', {}],
    ['executing query:', {}],
    ['executing query:', { table: [['a']] }],
    ['an empty graph', { docString: 'Q' }],
    ['the result should be, in any order:', { table: [['a'], ['2015-07-21']] }],
    ['parameters are:', { table: [['p']] }],
    [
      'parameters are:',
      {
        table: [
          ['p', '1'],
          ['p', '2'],
        ],
      },
    ],
    ['the side effects should be:', { table: [['nodes', '1']] }],
    ['the side effects should be:', { table: [['+edges', '1']] }],
    ['the side effects should be:', { table: [['+nodes', 'some']] }],
    ['there exists a procedure test.my.proc:', { table: [[]] }],
    ['there exists a procedure p(in INTEGER) :: ():', { table: [['in']] }],
    ['there exists a procedure p(in :: INTEGER?) :: (out :: STRING?):', { table: [['out', 'in']] }],
  ])('%s', (text, below) => {
    expect(() => readStep({ text, ...below })).toThrow()
  })
})

describe('a procedure', () => {
  const rows = [
    [1n, 'a'],
    [2n, 'b'],
    [1n, 'c'],
    [null, 'none'],
  ]
  it('answers the rows of its arguments', () => {
    const call = answersOf(parseSignature('p(in :: NUMBER?) :: (out :: STRING?)'), rows)
    expect(call([1n])).toEqual([['a'], ['c']])
    expect(call([2])).toEqual([['b']])
    expect(call([null])).toEqual([['none']])
    expect(call(['1'])).toEqual([])
  })

  it('without parameters answers all', () => {
    expect(answersOf(parseSignature('p() :: (out :: STRING?)'), [['a'], ['b']])([])).toEqual([['a'], ['b']])
  })

  it('has types that may be null or not', () => {
    expect(parseSignature(signature).parameters).toEqual([
      { name: 'name', type: 'STRING', nullable: true },
      { name: 'id', type: 'INTEGER', nullable: false },
    ])
  })

  it('has a signature whose text reads back', () => {
    for (const text of [signature, 'p() :: ()', 'a.b(in :: LIST OF STRING?) :: (out :: NUMBER?, more :: MAP)'])
      expect(parseSignature(textOf(parseSignature(text)))).toEqual(parseSignature(text))
  })
})
