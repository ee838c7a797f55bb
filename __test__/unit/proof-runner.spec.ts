/** The runner of the proof harnesses: what is found fails the run, names its seed, and is summed over resumed runs. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'

const runner = fileURLToPath(new URL('../../scripts/proof.mjs', import.meta.url))
const fresh = freshFolders()

interface Results {
  readonly cycles: number
  readonly seed: number
  readonly lost: number
  readonly skipped?: string
  readonly error?: string
  readonly counts: Record<string, number>
  readonly runs: { readonly seed: number; readonly cycles: number; readonly lost: number }[]
}

/** A folder with one harness, `planted`: the body of its run, and of its preparation. */
function planted(body: string, prepare = ''): string {
  const folder = fresh()
  mkdirSync(folder)
  const head = `export const title = 'a planted cycle'\nexport const unit = 'cycles'\nexport const small = 3\nexport const full = 5\n`
  const code = `${head}export async function prepare({ skip }) {\n${prepare}\n}
const clean = { cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 0 }
export async function run({ seed, cycles, signal, report, prepared }) {\n${body}\n}\n`
  writeFileSync(join(folder, 'planted.mjs'), code)
  return folder
}

function prove(folder: string, ...options: string[]) {
  const file = `${folder}.json`
  const parameters = [runner, 'planted', '--from', folder, '--json', file, ...options]
  const { status, stdout } = spawnSync(process.execPath, parameters, { encoding: 'utf8' })
  return { status, stdout, results: JSON.parse(readFileSync(file, 'utf8')) as Results }
}

const eachSeed = `for (let at = 0; at < cycles; at++) report({ ...clean, seed: seed + at, counts: { kept: 2 } })`

describe('a run', () => {
  it('without findings is clean', () => {
    const { status, results } = prove(planted(eachSeed), '--seed', '7', '--cycles', '4')
    expect(status).toBe(0)
    expect(results).toMatchObject({ cycles: 4, seed: 7, lost: 0, counts: { kept: 8 } })
  })

  it('takes the cycles of npm test when asked', () => {
    expect(prove(planted(eachSeed), '--small').results.cycles).toBe(3)
  })

  it.each(['lost', 'wrong', 'aborted', 'hung'])('that reports something %s fails and says how to repeat it', (kind) => {
    const folder = planted(`report({ ...clean, seed: seed + 1, ${kind}: 2 })`)
    const { status, stdout, results } = prove(folder, '--seed', '40')
    expect(status).toBe(1)
    expect(stdout).toContain('npm run proof -- planted --seed 41 --cycles 1')
    expect(results).toMatchObject({ [kind]: 2 })
  })

  it('fails when the harness does, and keeps what was run', () => {
    const { status, results } = prove(planted(`${eachSeed}\nthrow new RangeError('planted')`))
    expect(status).toBe(1)
    expect(results).toMatchObject({ cycles: 5 })
    expect(results.error).toContain('RangeError')
  })

  it('that the machine does not allow is skipped', () => {
    const { status, results } = prove(planted(eachSeed, `skip('no mounts here')`))
    expect(status).toBe(0)
    expect(results).toMatchObject({ cycles: 0, skipped: 'no mounts here' })
  })

  it('closes what was prepared, also after a failure', () => {
    const prepare = `return { close: () => console.log('closed it') }`
    const { stdout } = prove(planted(`throw new Error('planted')`, prepare))
    expect(stdout).toContain('closed it')
  })
})

describe('a run that is resumed', () => {
  it('goes on behind the last seed, up to the number asked for, and sums up', () => {
    const folder = planted(`${eachSeed}\nif (seed === 10) report({ ...clean, seed: 12, lost: 1 })`)
    prove(folder, '--seed', '10', '--cycles', '2')
    const { results } = prove(folder, '--cycles', '9', '--resume')
    expect(results).toMatchObject({ seed: 10, cycles: 9, lost: 1 })
    expect(results.runs.map(({ seed, cycles }) => [seed, cycles])).toEqual([
      [10, 3],
      [13, 6],
    ])
  })

  it('runs nothing when all was run', () => {
    const folder = planted(eachSeed)
    prove(folder, '--seed', '10', '--cycles', '2')
    expect(prove(folder, '--cycles', '2', '--resume').results.runs).toHaveLength(1)
  })
})

it('Ctrl-C keeps what was run, also while a cycle runs a program, and though npm passes the signal on', async () => {
  const module = new URL('../../scripts/shared/process.mjs', import.meta.url).href
  const wait = `report({ ...clean, seed })
const { run: program } = await import('${module}')
const waiting = program('sleep', ['60'], { minutesMax: 1, signal })
setTimeout(() => console.log('one is done'), 100)
await waiting`
  const folder = planted(wait)
  const file = `${folder}.json`
  const child = spawn(process.execPath, [runner, 'planted', '--from', folder, '--json', file, '--cycles', '9'])
  child.stdout.on('data', (chunk: Buffer) => {
    if (!chunk.includes('one is done')) return
    child.kill('SIGINT')
    setTimeout(() => child.kill('SIGINT'), 50)
  })
  await once(child, 'close')
  expect((JSON.parse(readFileSync(file, 'utf8')) as Results).cycles).toBe(1)
})

describe('what was run at full size', () => {
  it('stands in the documentation as it was kept', async () => {
    // @ts-expect-error: a script without types
    const { page, publishedPage } = (await import('../../scripts/shared/proof-report.mjs')) as {
      page: string
      publishedPage: () => Promise<string>
    }
    expect(readFileSync(page, 'utf8')).toBe(await publishedPage())
  })
})
