/** The runner of the package's checks: what fails is failed, what is skipped is skipped, and nothing outlives its time. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'

const runner = fileURLToPath(new URL('../../scripts/test-package.mjs', import.meta.url))
const library = new URL('../../scripts/shared/package-checks.mjs', import.meta.url).href
const fresh = freshFolders()

interface Report {
  readonly checks: {
    readonly name: string
    readonly status: string
    readonly count?: number
    readonly reason?: string
  }[]
}

/** A folder of checks: the body of each, and how many minutes it may take. */
function planted(checks: Record<string, [body: string, minutes?: number, quick?: boolean]>): string {
  const folder = fresh()
  mkdirSync(folder)
  for (const [name, [body, minutes = 1, quick = true]] of Object.entries(checks)) {
    const head = `export const title = 'about ${name}'\nexport const minutes = ${minutes}\nexport const quick = ${quick}\n`
    const code = `${head}export const needs = []\nexport async function check({ root, folder, run, skip }) {\n${body}\n}\n`
    writeFileSync(join(folder, `${name}.check.mjs`), code)
  }
  return folder
}

function runChecks(folder: string, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, '--from', folder, ...options], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) }
}

function outcomes(folder: string): Report['checks'] {
  const file = `${folder}.json`
  runChecks(folder, '--json', file)
  return (JSON.parse(readFileSync(file, 'utf8')) as Report).checks
}

const good = `return { count: 3, unit: 'rows' }`

describe('a check', () => {
  it('that answers a count is ok', () => {
    const ran = runChecks(planted({ good: [good] }))
    expect(ran).toMatchObject({ status: 0, last: '1 passed, 0 failed, 0 skipped' })
    expect(ran.stdout).toMatch(/^ok {2}about good … 3 rows, \d+ s$/m)
  })

  it('that throws fails the run, and the others go on', () => {
    const folder = planted({ bad: [`throw new RangeError('planted fault')`], good: [good] })
    const ran = runChecks(folder)
    expect(ran).toMatchObject({ status: 1, last: '1 passed, 1 failed, 0 skipped' })
    expect(ran.stdout).toContain('planted fault')
  })

  it.each([
    ['whose command fails', `await run(process.execPath, ['-e', 'process.exit(3)']); ${good}`],
    ['that counts nothing', `return { count: 0, unit: 'rows' }`],
    ['that answers nothing', ''],
    ['whose process ends', 'process.exit(0)'],
    ['whose process is killed', `process.kill(process.pid, 'SIGKILL')`],
  ])('%s is failed', (_name, body) => {
    expect(outcomes(planted({ bad: [body] }))).toMatchObject([{ name: 'bad', status: 'failed' }])
  })

  it('may name the exit codes that it expects', () => {
    const body = `const { code } = await run(process.execPath, ['-e', 'process.exit(3)'], { codes: [3] })
      return { count: code, unit: 'exit' }`
    expect(outcomes(planted({ good: [body] }))).toMatchObject([{ status: 'ok', count: 3 }])
  })

  it('that skips is counted as skipped, with its reason', () => {
    const folder = planted({ later: [`skip('no such system'); ${good}`], good: [good] })
    expect(runChecks(folder)).toMatchObject({ status: 0, last: '1 passed, 0 failed, 1 skipped' })
    expect(outcomes(folder)).toMatchObject([
      { name: 'good', status: 'ok' },
      { name: 'later', status: 'skipped', reason: 'no such system' },
    ])
  })

  it('has a folder of its own, which is gone afterwards', () => {
    const kept = `${fresh()}.txt`
    const write = `const { writeFileSync, readdirSync } = await import('node:fs')`
    const body = `${write}; writeFileSync(${JSON.stringify(kept)}, folder)
      return { count: 1 + readdirSync(folder).length, unit: 'folder' }`
    expect(outcomes(planted({ good: [body] }))).toMatchObject([{ status: 'ok', count: 1 }])
    expect(existsSync(readFileSync(kept, 'utf8'))).toBe(false)
  })

  it('that takes too long is failed, and what it started is ended', async () => {
    const portFile = `${fresh()}.port`
    const endless = `const server = require('net').createServer().listen(0, '127.0.0.1', () =>
      require('fs').writeFileSync(${JSON.stringify(portFile)}, String(server.address().port)))`
    const body = `await run(process.execPath, ['-e', ${JSON.stringify(endless)}]); ${good}`
    expect(outcomes(planted({ slow: [body, 0.05] }))).toMatchObject([{ status: 'failed' }])
    await expect(connected(Number(readFileSync(portFile, 'utf8')))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('that leaves a process behind is failed', () => {
    const body = `const { spawn } = await import('node:child_process')
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' }).unref()
      ${good}`
    expect(outcomes(planted({ leaky: [body, 0.05] }))).toMatchObject([{ status: 'failed' }])
  })

  it('without one of its exports is an error that names it', () => {
    const folder = fresh()
    mkdirSync(folder)
    writeFileSync(join(folder, 'half.check.mjs'), `export const title = 'half'`)
    const ran = runChecks(folder)
    expect(ran.status).toBe(1)
    expect(ran.stderr).toContain('half.check.mjs')
  })
})

it('counts as one in the table of npm test, and a failed one shows what it printed', async () => {
  const { countsOf } = (await import(library)) as { countsOf(outcome: object): object }
  const outcome = { title: 'a', output: 'printed' }
  expect(countsOf({ ...outcome, status: 'ok' })).toMatchObject({ passed: 1, failed: 0, skipped: [], output: '' })
  expect(countsOf({ ...outcome, status: 'failed', reason: 'fault' })).toMatchObject({
    passed: 0,
    failed: 1,
    output: expect.stringMatching(/fault\nprinted/) as string,
  })
  expect(countsOf({ ...outcome, status: 'skipped', reason: 'no system' })).toMatchObject({
    passed: 0,
    failed: 0,
    skipped: [{ name: 'a', reason: 'no system' }],
  })
})

describe('the options', () => {
  const folder = planted({ one: [good], two: [good, 1, false] })

  it('--list names the checks and runs none', () => {
    expect(runChecks(planted({ bad: ['throw 1'] }), '--list')).toMatchObject({ status: 0 })
    expect(runChecks(folder, '--list').stdout.match(/^\w+(?=:)/gm)).toEqual(['one', 'two'])
  })

  it.each([
    ['two', 'two'],
    ['ABOUT ONE', 'one'],
  ])('--only %s runs what has the word in its name or title', (word, name) => {
    expect(runChecks(folder, '--list', '--only', word).stdout).toMatch(new RegExp(`^${name}: .*\n$`))
  })

  it('--quick leaves out the long ones', () => {
    expect(runChecks(folder, '--list', '--quick').stdout).toMatch(/^one: .*\n$/)
  })

  it('--help says what there is', () => {
    expect(runChecks(folder, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--only') as string,
    })
  })

  it.each([[['--only', 'three']], [['--unknown']], [['surplus']]])('%s is refused', (words) => {
    expect(runChecks(folder, ...words)).toMatchObject({ status: 2, stdout: '' })
  })
})

/** Resolves when something listens on a port of this machine. */
function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
