/** The built addon makes the kernel write: seen from outside, by its system calls (E4, E15, E20). */

import { readFileSync } from 'node:fs'
import { expect, it, type TestContext } from 'vitest'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'
import { needsTool, skip } from '../helpers/tools.js'

const folder = freshFolders()
const traced = 'fsync,fdatasync,?sync_file_range,?sync_file_range2,pwrite64,?rename,?renameat,renameat2'
const PUTS = 5

/** A system call that has returned, by when it began and ended in lines of the log. */
interface Call {
  readonly thread: string
  readonly text: string
  readonly begin: number
  readonly end: number
}

/** What strace wrote: `thread call`, or the two halves of a call that was interrupted in the log. */
function callsOf(log: string): Call[] {
  const calls: Call[] = []
  const unfinished = new Map<string, { text: string; begin: number }>()
  for (const [line, whole] of log.split('\n').entries()) {
    const [, thread, text] = /^(\d+) +(.*)$/.exec(whole) ?? []
    if (thread === undefined || text === undefined) continue
    const half = unfinished.get(thread)
    if (text.endsWith('<unfinished ...>')) unfinished.set(thread, { text, begin: line })
    else if (text.startsWith('<...') && half !== undefined) calls.push({ ...half, thread, end: line })
    else if (text.includes('(')) calls.push({ thread, text, begin: line, end: line })
  }
  return calls.sort((a, b) => a.begin - b.begin)
}

/** Runs a script under strace; it names moments by `mark`. */
async function trace(context: TestContext, body: string): Promise<Call[]> {
  if (process.platform !== 'linux') skip(context, 'strace is of Linux')
  needsTool(context, 'strace')
  const log = `${folder()}.log`
  const marks = '?stat,?newfstatat,?statx'
  const around = `exec strace -f -y -o ${log} -e trace=${traced},${marks} "$@"`
  const script = `const mark = (name) => require('node:fs').statSync('/mark-' + name, { throwIfNoEntry: false })\n${body}`
  const ended = await runScript(script, { around, arguments: [folder()] })
  expect(ended).toMatchObject({ code: 0, output: '' })
  return callsOf(readFileSync(log, 'utf8'))
}

function marked(calls: Call[], name: string): Call {
  const call = calls.find(({ text }) => text.includes(`"/mark-${name}"`))
  if (call === undefined) throw new Error(`the log has no mark ${name}`)
  return call
}

/** Whether a call whose name and file fit began and ended between two marks. */
function happened(calls: Call[], from: string, to: string, call: RegExp): boolean {
  const [first, last] = [marked(calls, from).end, marked(calls, to).begin]
  return calls.some(({ text, begin, end }) => call.test(text) && begin > first && end < last)
}

const journalSync = /^fdatasync\(\d+<[^>]*\/journal\/[^>]*\.journal>/
const sledSync = /^f(?:data)?sync\(\d+<[^>]*\/sled\/db>/

const writing = (level: string) => `
  const store = await SledStore.open(process.argv[1])
  const rows = store.namespace('rows', { value: codec.utf8() })
  await store.flush()
  for (let number = 0; number < ${PUTS}; number++) {
    mark('put-' + number)
    await rows.put('key' + number, 'value', { durability: '${level}' })
    mark('answered-' + number)
  }
  mark('close')
  await store.close()
  mark('closed')
`

it('the journal is fdatasynced before a put at level full is answered', async (context) => {
  const calls = await trace(context, writing('full'))
  for (let number = 0; number < PUTS; number++) {
    expect(happened(calls, `put-${number}`, `answered-${number}`, journalSync)).toBe(true)
  }
})

it('and not for one at level os, which shows that the log would tell', async (context) => {
  const calls = await trace(context, writing('os'))
  for (let number = 0; number < PUTS; number++) {
    expect(happened(calls, `put-${number}`, `answered-${number}`, journalSync)).toBe(false)
  }
})

it('sled’s file is fsynced after each of its writes, and before the checkpoint counts', async (context) => {
  const calls = await trace(context, writing('full'))
  const writes = calls.filter(({ text }) => /^pwrite64\(\d+<[^>]*\/sled\/db>/.test(text))
  expect(writes.length).toBeGreaterThan(0)
  for (const write of writes) {
    const next = calls.find(({ thread, begin }) => thread === write.thread && begin > write.end)
    expect(next?.text).toMatch(/^fsync\(\d+<[^>]*\/sled\/db>/)
  }
  const renamed = calls.find(
    ({ text, begin }) => /^rename.*\/CHECKPOINT"/.test(text) && begin > marked(calls, 'close').end,
  )
  const last = writes.at(-1)!
  expect(renamed).toBeDefined()
  expect(last.end).toBeLessThan(renamed!.begin)
  const own = calls.some(
    ({ text, begin, end }) =>
      text.startsWith('fdatasync(') && sledSync.test(text) && begin > last.end && end < renamed!.begin,
  )
  expect(own).toBe(true)
})

it('no sync_file_range reaches the kernel', async (context) => {
  const calls = await trace(context, writing('full'))
  expect(calls.length).toBeGreaterThan(PUTS)
  expect(calls.filter(({ text }) => text.startsWith('sync_file_range'))).toEqual([])
})
