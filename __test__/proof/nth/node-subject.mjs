/**
 * `node node-subject.mjs FOLDER OPERATION KIND ERROR N MODE`: an operation through the built addon, in a process with the shim
 * preloaded, and all that must still be right afterwards. It prints what it sees at once, a line each.
 */

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import { SledStore, SledStoreError } from '../../../dist/index.js'
import { apply, options, paths, sampleFaults, stateOf, stepsOf } from './node-work.mjs'

const [folder, operation, ...fault] = process.argv.slice(2)
const where = paths(folder)
const say = (line) => writeSync(1, `${line.replaceAll('\n', ' ')}\n`)
const answered = []

/** A failing system call is the system's refusal or the store's end, never damage, misuse or a bug. */
const refusals = new Set(['STORAGE_FAILED', 'IO_FAILED', 'DISK_FULL', 'PERMISSION_DENIED'])

function judge(error, what) {
  if (!(error instanceof SledStoreError)) say(`wrong ${what}: no coded error: ${error?.stack ?? error}`)
  else if (!refusals.has(error.code)) say(`wrong ${what}: an answer that misleads: ${error.code} ${error.message}`)
  return error
}

async function attempt(what, run) {
  try {
    await run()
  } catch (error) {
    return judge(error, what)
  }
}

async function step(store, number, change) {
  const failure = await attempt(`step ${number}`, () => apply(store, number, change))
  answered.push([number, change, failure === undefined])
  say(`step ${number} ${change} ${failure === undefined ? 'acknowledged' : (failure.code ?? 'uncoded')}`)
  return failure
}

const allSteps = (store) => Promise.all((stepsOf[operation] ?? []).map((change, number) => step(store, number, change)))

async function readFile(file) {
  const snapshot = await SledStore.openSnapshot(file)
  for (const fault of sampleFaults(snapshot)) say(`wrong ${file}: ${fault}`)
  await snapshot.close()
}

const calls = {
  'node-open': async () => (state.store = await SledStore.open(where.store, options)),
  'node-commit': () => allSteps(state.store),
  'node-compact': () => state.store.compact(),
  'node-close': () => state.store.close(),
  'node-files': async () => {
    await state.store.publish(where.file)
    await readFile(where.file)
    if (!existsSync(where.backup)) await state.store.backup(where.backup)
    if (!existsSync(where.restored)) await SledStore.restore(where.sample, where.restored)
  },
}

const state = { store: undefined }

/** Reads give what is right, or `STORAGE_FAILED` in a poisoned store. */
function check(store) {
  try {
    for (const [number, change, acknowledged] of answered) {
      const found = stateOf(store, number, change)
      if (typeof found === 'string') say(`wrong ${found}`)
      else if (acknowledged && !found) say(`lost step ${number} (${change}) in a store that is ${store.status}`)
    }
    for (const one of sampleFaults(store)) say(`wrong ${one} in a store that is ${store.status}`)
  } catch (error) {
    if (!(store.status === 'poisoned' && error.code === 'STORAGE_FAILED')) say(`wrong reading: ${error.stack}`)
  }
}

async function goOn(failure) {
  const { store } = state
  if (failure !== undefined && operation !== 'node-commit' && (store === undefined || store.status === 'open'))
    await attempt('the call again', calls[operation]).then((again) => {
      if (again !== undefined) say(`wrong the call fails again: ${again.message}`)
    })
  if (state.store === undefined || state.store.status === 'closed') return
  const { status } = state.store
  check(state.store)
  const refused = await step(state.store, 99, 'put')
  if (status === 'poisoned' && refused?.code !== 'STORAGE_FAILED') say('wrong a poisoned store takes a write')
}

if (operation !== 'node-open') {
  state.store = await SledStore.open(where.store, options)
  if (operation !== 'node-commit') await allSteps(state.store)
}
try {
  openSync(`/sledstore-nth/arm/${fault[0]}/${fault[1]}/${fault[2]}/${fault[3]}`)
} catch {} // it answers that there is no such file
const failure = await attempt(operation, calls[operation])
say(`calls ${readFileSync('/sledstore-nth/disarm', 'utf8').trim()}`)
if (failure !== undefined && ['EINTR', 'SHORT'].includes(fault[1])) say(`wrong a call to repeat: ${failure.message}`)
await goOn(failure)
// What a close writes could hide what was lost before it, so every other process leaves without one.
if (Number(fault[2]) % 2 === 1) {
  say('end')
  process.exit(0)
}
if (state.store !== undefined && state.store.status !== 'closed') await attempt('close', () => state.store.close())
const again = await SledStore.open(where.store, options)
check(again)
await again.close()
say('end')
