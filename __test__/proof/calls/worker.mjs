/** A thread that makes calls with the handles of another one. */
import { parentPort, workerData } from 'node:worker_threads'
import * as fc from 'fast-check'
// Connects this thread's environment.
import '../../../dist/index.js'
import { program, RawCalls } from './raw.mjs'

const { foreign, corpus, folder, seed } = workerData
const find = (what) => parentPort.postMessage(what)
const raw = new RawCalls({ folder, find, corpus, foreign })
const [calls] = fc.sample(program, { seed: seed + 1, numRuns: 1, unbiased: true })
// At first every handle is one of the other thread's; then there are some of its own.
raw.run(calls.slice(0, 40))
raw.begin()
raw.run(calls.slice(40))
await raw.finish(20_000)
