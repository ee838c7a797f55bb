/**
 * Which calls of the store take too long, told from those for which the machine had no time: threads write that they
 * are in a call, and a thread that uses no store looks at that again and again; the time is what it got done meanwhile.
 */
import { Worker } from 'node:worker_threads'

/** A call that takes longer, as long as the machine is not short of time, is a stall. */
export const STALL_MS = 1_000
/** What never comes back. */
export const HANG_MS = 60_000
/** Every how many milliseconds the watching thread looks. */
const TICK_MS = 20
/** Steps of a piece of work that takes a few milliseconds where nobody else works. */
const PROBE_STEPS = 400_000

export const slots = Object.freeze({ main: 0, watched: 1 })

/** Marks the calls of one thread; `memory` is what {@link watch} made. */
export class Marks {
  #began
  #slot
  #calls = 0

  constructor(memory, slot) {
    this.#began = new Int32Array(memory)
    this.#slot = slot
  }

  /** Runs a synchronous call of the store. */
  around(call) {
    // Which call it is; never 0.
    this.#calls = (this.#calls % 1_000_000_000) + 1
    Atomics.store(this.#began, this.#slot, this.#calls)
    try {
      return call()
    } finally {
      Atomics.store(this.#began, this.#slot, 0)
    }
  }
}

/** Starts the watching thread. `onStall` hears of each call that is too long, once. */
export function watch(onStall) {
  const memory = new SharedArrayBuffer(4 * Object.keys(slots).length)
  const thread = new Worker(new URL('stalls-thread.mjs', import.meta.url), { workerData: memory })
  thread.on('message', onStall)
  thread.on('error', (error) => onStall({ ms: 0, slot: `the watching thread: ${error.stack}` }))
  return { memory, stop: () => thread.terminate() }
}

/**
 * One turn of the watching thread: it sleeps a little and works a little. Gives what a turn takes where nobody else
 * works: on a busy machine it does fewer of them.
 */
class Turn {
  #sleep = new Int32Array(new SharedArrayBuffer(4))
  #fastest = Infinity

  take() {
    Atomics.wait(this.#sleep, 0, 0, TICK_MS)
    const before = performance.now()
    let sum = 0
    for (let step = 0; step < PROBE_STEPS; step++) sum = (sum + step) | 0
    // The sum is used, so that the loop is not left out.
    const work = performance.now() - before + Number(sum === 1)
    this.#fastest = Math.min(this.#fastest, work)
    return TICK_MS + this.#fastest
  }
}

/** The watching thread: looks for ever. A call has taken as long as the turns meanwhile would on a quiet machine. */
export function watchFrom(memory, tell) {
  const began = new Int32Array(memory)
  const seen = Array.from(began, () => ({ began: 0, ms: 0, told: false, hung: false }))
  const turn = new Turn()
  for (;;) {
    const ms = turn.take()
    for (const [slot, call] of seen.entries()) {
      const start = Atomics.load(began, slot)
      if (start === 0 || start !== call.began) {
        seen[slot] = { began: start, ms: 0, told: false, hung: false }
        continue
      }
      call.ms += ms
      if (call.ms > STALL_MS && !call.told) tell({ ms: call.ms, slot, hung: false })
      if (call.ms > HANG_MS && !call.hung) tell({ ms: call.ms, slot, hung: true })
      call.told ||= call.ms > STALL_MS
      call.hung ||= call.ms > HANG_MS
    }
  }
}
