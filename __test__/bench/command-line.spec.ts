/** What the words of a command line mean, and that those without a meaning are refused. */

import { describe, expect, it } from 'vitest'
import { benchModule } from './modules.js'

interface Size {
  readonly name: string
  readonly rows: number
  readonly rounds: number
  readonly valueBytes: number
  readonly memoryBytes: number
  readonly engines: string[]
  readonly workloads: string[]
}
interface Options {
  readonly command: string
  readonly resume: boolean
  readonly json: string
  readonly seed: number
  readonly sizes: Size[]
}

const { help, readOptions, UsageError } = await benchModule<{
  help: string
  readOptions(words: string[]): Options
  UsageError: new () => Error
}>('harness/options.mjs')
const { workloads } = await benchModule<{ workloads: { name: string }[] }>('workloads/index.mjs')

const read = (line: string): Options => readOptions(line.split(' '))
const sizeOf = (line: string): Size => read(line).sizes[0]!

describe('the command line of the bench', () => {
  it('measures a million rows by everything, unless it is told otherwise', () => {
    const [size, ...others] = read('kv').sizes
    expect([size!.rows, size!.valueBytes, size!.memoryBytes, size!.rounds]).toEqual([1_000_000, 100, 128 << 20, 5])
    expect([size!.workloads, others]).toEqual([workloads.map(({ name }) => name), []])
  })

  it('takes a size apart or puts one together', () => {
    const { rows, valueBytes, memoryBytes, rounds } = sizeOf(
      'kv --rows 20_000 --value-bytes 1024 --memory-mib 64 --rounds 2',
    )
    expect([rows, valueBytes, memoryBytes, rounds]).toEqual([20_000, 1024, 64 << 20, 2])
    expect(read('kv --sizes small,large').sizes.map(({ name }) => name)).toEqual(['small', 'large'])
    expect(read('kv --full').sizes.length).toBe(5)
    expect(read('kv --full --rounds 1').sizes.map((size) => size.rounds)).toEqual([1, 1, 1, 1, 1])
  })

  it('takes engines and workloads, those of a size among them', () => {
    expect(sizeOf('kv --engines lmdb,sledstore').engines).toEqual(['lmdb', 'sledstore'])
    expect(sizeOf('kv --sizes large --engines lmdb,sledstore').engines).toEqual(['sledstore'])
    expect(sizeOf('kv --workloads scan-10').workloads).toEqual(['scan-10'])
    expect(sizeOf('kv --quick --workloads scan-1000').workloads).toEqual(['scan-1000'])
  })

  it('keeps a result in a file whether one is named or not', () => {
    expect(read('kv').json.replaceAll('\\', '/')).toMatch(/\/bench\/data\/kv\.json$/)
    expect(read('kv --resume --json x.json')).toMatchObject({ resume: true, json: expect.stringMatching(/x\.json$/) })
  })

  it('refuses what has no meaning', () => {
    for (const line of [
      'kv --rows none',
      'kv --rows 0',
      'kv --engines oracle',
      'kv --workloads nothing',
      'kv --sizes huge',
      'kv --full --quick',
      'kv --sizes small,large --rows 5',
      'kv --unknown',
    ])
      expect(() => read(line), line).toThrow(UsageError)
  })

  it('helps, naming every workload', () => {
    expect(read('kv --help').command).toBe('help')
    for (const { name } of workloads) expect(help).toContain(name)
  })
})
