/**
 * The process under test: `node program.mjs FOLDER SEED`. Prints one line of JSON: what it found. A third word names a
 * fault that is planted, which must be found.
 */
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { codec, SledStore } from '../../../dist/index.js'
import { recordCalls } from './corpus.mjs'
import { program as publicProgram, PublicCalls } from './public.mjs'
import { binding, program as rawProgram, RawCalls, rightOptions } from './raw.mjs'
import { signatures } from './signatures.mjs'
import { Hostile } from './values.mjs'

const [folder, seedText, plant] = process.argv.slice(2)
const seed = Number(seedText)
const ANSWER_MS = plant === 'silence' ? 500 : 30_000
const CONTROL_ROWS = 50

const found = []
const find = (what) => found.push(what)
const hung = []
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => error instanceof Hostile || find(`${event}: ${error?.stack ?? String(error)}`))

const prototypes = [Object, Array, Function, Uint8Array, Map, Promise, Error, String].map(({ prototype }) => prototype)
const membersOf = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join())
const membersBefore = membersOf()

/** The store that nobody is after: what happens around it must not show in it. */
async function openControl() {
  const slots = nextSlot()
  const store = await SledStore.open(`${folder}/control`, { profile: 'embedded' })
  const rows = store.namespace('rows', { value: codec.json() })
  for (let at = 0; at < CONTROL_ROWS; at++) await rows.put(`row-${at}`, { at }, { durability: 'none' })
  return { store, rows, guarded: [slots, slots + 1].map((slot) => (1 << 17) | slot) }
}

async function checkControl(opened) {
  let { store, rows } = opened
  for (const round of ['open', 'opened again']) {
    const all = rows.scan().toArray?.() ?? [...rows.scan()]
    const expected = Array.from({ length: CONTROL_ROWS }, (_, at) => [`row-${at}`, { at }])
    expected.sort(([a], [b]) => (a < b ? -1 : 1))
    if (JSON.stringify(all) !== JSON.stringify(expected))
      find(`the rows of the other store, ${round}, are not what was put`)
    await rows.put('row-0', { at: 0 })
    const { findings } = await store.verify()
    if (findings.length > 0) find(`verify of the other store: ${JSON.stringify(findings)}`)
    await store.close()
    if (round !== 'open') return
    store = await SledStore.open(`${folder}/control`, { profile: 'embedded' })
    rows = store.namespace('rows', { value: codec.json() })
  }
}

/** Another thread makes such calls with the handles of this one, and may be ended amid them. */
async function runWorker(handles, corpus) {
  const lines = { foreign: handles, corpus, folder: `${folder}/worker`, seed }
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: lines })
  worker.on('message', (what) => find(`in a worker: ${what}`))
  const ended = new Promise((resolve) => {
    worker.on('error', (error) => resolve(find(`a worker ended: ${error?.stack}`)))
    worker.on('exit', resolve)
  })
  if (seed % 3 === 0) setTimeout(() => worker.terminate(), seed % 200)
  await ended
}

async function main() {
  process.chdir(folder)
  const corpus = await recordCalls(
    binding,
    signatures().map(({ name }) => name),
  )
  const control = await openControl()
  const [calls] = fc.sample(rawProgram, { seed, numRuns: 1, unbiased: true })
  const raw = new RawCalls({ folder, find, corpus, guarded: control.guarded })
  raw.begin()
  raw.run(calls)
  if (seed % 4 === 0) await runWorker(raw.handles, corpus)
  hung.push(...(await raw.finish(ANSWER_MS)))
  await planted[plant]?.(control, raw)
  const [others] = fc.sample(publicProgram, { seed, numRuns: 1, unbiased: true })
  const all = new PublicCalls({ folder, find })
  await all.begin(seed)
  await all.run(others)
  await all.finish(seed)
  await checkControl(control)
  const members = membersOf()
  if (members.some((names, at) => names !== membersBefore[at]) || {}.polluted !== undefined)
    find('a prototype was changed')
}

/** The slot that the next handle of this environment gets; a new slot's generation is 1. */
function nextSlot() {
  const probe = binding.openMemory({ ...rightOptions })
  binding.close(probe)
  return (probe & ((1 << 17) - 1)) + 1
}

const planted = {
  abort: () => process.abort(),
  panic: (_control, raw) => raw.run([[{ name: 'panic', isHot: true, parameters: [] }, [], 0]]),
  value: ({ rows }) => rows.put('row-7', { at: 8 }),
  uncoded: () => Promise.reject(new Error('without a code')) && undefined,
  prototype: () => Object.assign(Object.getPrototypeOf({}), { polluted: true }),
  silence: () => new Promise(() => {}),
}

const hang = setTimeout(() => {
  hung.push('the program')
  tell()
}, 2 * ANSWER_MS)

function tell() {
  process.stdout.write(`${JSON.stringify({ found: found.slice(0, 5), wrong: found.length, hung })}\n`, () =>
    process.exit(0),
  )
}

try {
  await main()
} catch (error) {
  find(`the program: ${error?.stack ?? String(error)}`)
}
clearTimeout(hang)
tell()
