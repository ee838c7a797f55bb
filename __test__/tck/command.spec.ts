/** `npm run tck` runs what it is asked, outlives engines that hang and die, and ends with the sums. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import type { Summary } from './modules.js'

const command = fileURLToPath(new URL('../../scripts/tck.mjs', import.meta.url))
const fakeEngine = fileURLToPath(new URL('fake-engine.mjs', import.meta.url))
const fresh = freshFolders()

function scenario(name: string, query: string): string {
  return `Scenario: ${name}\nGiven any graph\nWhen executing query:\n"""\n${query}\n"""\nThen the result should be, in any order:\n| 1 |\n| 1 |\n`
}

/** A kit with a feature for each name, in a folder of its own. */
function kitOf(features: Record<string, string>): string {
  const kit = fresh()
  for (const [name, scenarios] of Object.entries(features)) {
    const folder = join(kit, 'features', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'F.feature'), `Feature: F\n${scenarios}`)
  }
  return kit
}

function tck(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, '--engine', fakeEngine, ...options], {
    encoding: 'utf8',
  })
  const last = stdout.trimEnd().split('\n').at(-1)!
  return { status, stdout, stderr, summary: options.includes('--json') ? (JSON.parse(last) as Summary) : undefined }
}

const mixed = kitOf({
  one: scenario('right', 'RETURN 1') + scenario('wrong', 'RETURN 2'),
  two: scenario('other', 'RETURN 1'),
})

it('sums up by folder and names what fails', () => {
  const { status, stdout, summary } = tck('--dir', mixed, '--json')
  expect(status).toBe(1)
  expect(summary).toEqual({
    passed: 2,
    failed: 1,
    total: 3,
    folders: { one: { passed: 1, failed: 1 }, two: { passed: 1, failed: 0 } },
    failing: ['one/F: wrong'],
  })
  expect(stdout).toContain('openCypher TCK scenarios passed, 2 of 3')
  expect(stdout).toContain('| 2 |')
})

it('finds each fault that is planted', () => {
  const query = (name: string, then: string) =>
    `Scenario: ${name}\nGiven any graph\nWhen executing query:\n"""\n${name.split(' ').at(-1)}\n"""\nThen ${then}\n`
  const rows = (how: string) => `the result should be, ${how}:\n| n |\n| 1 |\n| 2 |\nAnd no side effects`
  const raised = 'a TypeError should be raised at runtime: InvalidArgumentValue'
  const right = [query('right ROWS', rows('in order')), query('right ERROR', raised)]
  const planted = [
    query('a wrong ROW', rows('in any order')),
    query('another ORDER', rows('in order')),
    query('a side EFFECT', rows('in order')),
    query('another PHASE', raised),
    query('another DETAIL', raised),
    query('an unknown ERROR', `${raised}s`),
  ]
  const engine = `${fresh()}.mjs`
  writeFileSync(
    engine,
    `import { fakeEngine } from ${JSON.stringify(new URL('fake-engine.mjs', import.meta.url).href)}
     const rows = (...ns) => ({ columns: ['n'], rows: ns.map((n) => [n]) })
     const raised = { code: 'QUERY', kind: 'TypeError', phase: 'runtime', detail: 'InvalidArgumentValue' }
     const raise = (change) => () => { throw Object.assign(new Error('planted'), raised, change) }
     const answers = {
       ROWS: () => rows(1n, 2n),
       ROW: () => rows(1n, 3n),
       ORDER: () => rows(2n, 1n),
       EFFECT: (graph) => { graph.addNode(); return rows(1n, 2n) },
       ERROR: raise({}),
       PHASE: raise({ phase: 'compile time' }),
       DETAIL: raise({ detail: 'InvalidArgumentType' }),
     }
     export const openEngine = async () => fakeEngine(answers)`,
  )
  const { status, summary } = tck(
    '--dir',
    kitOf({ all: [...right, ...planted].join('') }),
    '--engine',
    engine,
    '--json',
  )
  expect(status).toBe(1)
  expect(summary).toMatchObject({ passed: right.length, failed: planted.length })
  expect(summary?.failing).toEqual(planted.map((text) => `all/F: ${text.slice(10, text.indexOf('\n'))}`))
})

it('ends with one line of JSON whatever goes wrong', () => {
  const broken = kitOf({ one: 'Scenario Outline of nothing' })
  for (const options of [
    ['--dir', broken],
    ['--dir', fresh(), '--require'],
    ['--dir', mixed, '--only', 'nowhere'],
    ['--dri'],
  ]) {
    const { status, summary } = tck(...options, '--json')
    expect(status, options.join(' ')).not.toBe(0)
    expect(summary, options.join(' ')).toMatchObject({
      passed: 0,
      total: 0,
      failing: [],
      error: expect.any(String) as string,
    })
  }
})

it('runs the part it is asked for', () => {
  expect(tck('--dir', mixed, '--only', 'right')).toMatchObject({ status: 0 })
  expect(tck('--dir', join(mixed, 'features', 'two'), '--json').summary).toMatchObject({ total: 1, failed: 0 })
  expect(tck('--dir', mixed, '--only', 'nowhere').status).toBe(2)
})

describe('an engine that', () => {
  it.each([
    ['waits forever', 'WAIT', 'no answer within 3 s'],
    ['never lets go of its thread', 'SPIN', 'no answer within 3 s'],
    ['dies', 'ABORT', 'the engine says farewell'],
  ])('%s fails that scenario alone', (_, query, told) => {
    const scenarios = ['a', 'b', 'c'].map((name) => scenario(name, name === 'b' ? query : 'RETURN 1')).join('')
    const { status, stdout, summary } = tck('--dir', kitOf({ all: scenarios }), '--limit', '3', '--json')
    expect(status).toBe(1)
    expect(summary).toMatchObject({ passed: 2, failing: ['all/F: b'] })
    expect(stdout).toContain(told)
  })

  const engine = (code: string) => {
    const file = `${fresh()}.mjs`
    writeFileSync(file, code)
    return file
  }

  it('does not open, or does not close, fails the run', () => {
    const opening = engine("export const openEngine = async () => { throw new Error('planted at opening') }")
    expect(tck('--dir', mixed, '--engine', opening)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('planted at opening') as string,
    })
    const closing = (close: string) =>
      engine(
        `import { fakeEngine } from ${JSON.stringify(new URL('fake-engine.mjs', import.meta.url).href)}
         const answers = { 'RETURN 1': () => ({ columns: ['1'], rows: [[1n]] }) }
         export const openEngine = async () => ({ ...fakeEngine(answers), close: async () => { ${close} } })`,
      )
    const close = (code: string) => tck('--dir', mixed, '--only', 'right', '--engine', closing(code))
    expect(close('').status).toBe(0)
    for (const code of ["throw new Error('planted')", "process.on('exit', () => process.abort())"])
      expect(close(code), code).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('does not close') as string,
      })
  })

  it('cannot drop its graph fails the scenario', () => {
    const dropping = engine(
      `import { FakeGraph } from ${JSON.stringify(new URL('fake-engine.mjs', import.meta.url).href)}
       class Graph extends FakeGraph { async drop() { throw new Error('planted at dropping') } }
       const graph = async () => new Graph({ 'RETURN 1': () => ({ columns: ['1'], rows: [[1n]] }) })
       export const openEngine = async () => ({ graph, close: async () => {} })`,
    )
    const { status, stdout } = tck('--dir', mixed, '--only', 'right', '--engine', dropping)
    expect(status).toBe(1)
    expect(stdout).toContain('planted at dropping')
  })

  it('is not there is skipped, and a failure where it is required', () => {
    const none = engine(
      `import { NoEngine } from ${JSON.stringify(new URL('engine.mjs', import.meta.url).href)}
       export const openEngine = async () => { throw new NoEngine('planted absence') }`,
    )
    const skipped = tck('--dir', mixed, '--engine', none, '--json')
    expect(skipped).toMatchObject({ status: 0, summary: { total: 0, skipped: 'planted absence' } })
    expect(tck('--dir', mixed, '--engine', none, '--require').status).toBe(1)
  })
})

it('a kit that is not there is skipped, and a failure where it is required', () => {
  const missing = fresh()
  const skipped = tck('--dir', missing, '--json')
  expect(skipped.status).toBe(0)
  expect(skipped.summary).toMatchObject({ passed: 0, failed: 0, total: 0, folders: {}, failing: [] })
  expect(skipped.summary?.skipped).toContain(missing)
  expect(tck('--dir', missing, '--require', '--json').status).toBe(1)
})

it('says what it takes', () => {
  expect(tck('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--require') as string })
  expect(tck('--dri', mixed)).toMatchObject({ status: 2, stderr: expect.stringContaining('--dir') as string })
  expect(tck('--dir', mixed, '--limit', 'long').status).toBe(2)
})
