/**
 * A job queue that outlives its process. A job is done at least once, and what it writes to the store exactly once.
 *
 * J1: each job stands in `jobs`, and its time and id in `due`, or it stands in `dead`; both rows change in one commit.
 * J2: a job that waits is due when it may begin, a job that runs when its lease ends. So one that was left by a killed process
 *     comes back by itself, and there is nothing to repair.
 * J3: each claim raises `tries`. Only who claimed it last can end a job.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { key } from 'sledstore'

/** The lease of a job ended before its work did, and somebody else has it. */
export class LeaseLost extends Error {}

export class JobQueue {
  /**
   * @param {import('sledstore').SledStore} store
   * @param {{ leaseMs?: number, triesMax?: number, pauseMs?: number, now?: () => number }} [options] how long a claimed job
   *   belongs to who claimed it, how often it is tried, and the pause after the first failure, which doubles with each
   */
  constructor(store, name, { leaseMs = 30_000, triesMax = 5, pauseMs = 1_000, now = Date.now } = {}) {
    this.store = store
    this.jobs = store.namespace(`${name}:jobs`)
    this.due = store.namespace(`${name}:due`, { key: key.tuple(key.number, key.string) })
    this.dead = store.namespace(`${name}:dead`)
    Object.assign(this, { leaseMs, triesMax, pauseMs, now })
  }

  /** Adds a job within a batch or transaction of the caller, so that it is there if and only if their other writes are. */
  addTo(writer, payload, { delayMs = 0 } = {}) {
    const id = randomUUID()
    this.#place(writer, id, { payload, tries: 0, due: this.now() + delayMs })
    return id
  }

  async add(payload, options) {
    let id
    await this.store.batch((batch) => (id = this.addTo(batch, payload, options)))
    return id
  }

  /** Takes the job that is due first, for the time of a lease; `undefined` when none is. */
  claim() {
    return this.store.transaction((tx) => {
      for (;;) {
        const [first] = tx.keys(this.due, { limit: 1 })
        if (first === undefined || first[0] > this.now()) return undefined
        const [, id] = first
        const { error, ...job } = this.#take(tx, id)
        if (job.tries >= this.triesMax) {
          // Its last lease ended without a word: it may be what kills its workers.
          this.#bury(tx, id, job, error ?? 'its lease ended')
          continue
        }
        const claimed = { ...job, tries: job.tries + 1, due: this.now() + this.leaseMs }
        this.#place(tx, id, claimed)
        return { id, ...claimed }
      }
    })
  }

  /**
   * Ends a job. What `write` puts into the transaction is stored together with that, or not at all.
   *
   * @param {{ id: string, tries: number }} job as {@link claim} gave it
   * @param {(transaction: import('sledstore').Transaction) => void} [write]
   */
  complete(job, write = () => {}) {
    return this.store.transaction((tx) => {
      this.#take(tx, job.id, job.tries)
      write(tx)
    })
  }

  /** Has a job tried again after a pause; after the last try it goes to the dead ones, with what was wrong. */
  fail(job, error) {
    return this.store.transaction((tx) => {
      const { payload, tries } = this.#take(tx, job.id, job.tries)
      if (tries >= this.triesMax) return this.#bury(tx, job.id, { payload, tries }, String(error))
      const due = this.now() + this.pauseMs * 2 ** (tries - 1)
      this.#place(tx, job.id, { payload, tries, due, error: String(error) })
    })
  }

  /** Gives a dead job its tries back. */
  revive(id) {
    return this.store.transaction((tx) => {
      const job = tx.get(this.dead, id)
      if (job === undefined) return false
      tx.delete(this.dead, id)
      this.#place(tx, id, { payload: job.payload, tries: 0, due: this.now() })
      return true
    })
  }

  /** Whether no job waits or runs. */
  get isEmpty() {
    return [...this.jobs.keys({ limit: 1 })].length === 0
  }

  /**
   * Does jobs one after the other until the signal, or with `drain` until there are none. `perform` gets a job, and may give a
   * function that writes what came of it; what it throws is a failure.
   */
  async work(perform, { signal, idleMs = 200, drain = false } = {}) {
    const isStopped = () => signal?.aborted === true
    while (!isStopped()) {
      const job = await this.claim()
      if (job !== undefined) await this.#perform(job, perform)
      else if (drain && this.isEmpty) return
      else await sleep(idleMs, undefined, { signal }).catch(() => {})
    }
  }

  async #perform(job, perform) {
    try {
      await this.complete(job, await perform(job))
    } catch (error) {
      if (error instanceof LeaseLost) return
      await this.fail(job, error).catch((lost) => {
        if (!(lost instanceof LeaseLost)) throw lost
      })
    }
  }

  #place(writer, id, job) {
    writer.put(this.jobs, id, job)
    writer.put(this.due, [job.due, id], null)
  }

  /** Removes a job, if its claim is still the last one. */
  #take(tx, id, tries) {
    const job = tx.get(this.jobs, id)
    if (job === undefined || (tries !== undefined && job.tries !== tries))
      throw new LeaseLost(`job ${id} has another worker`)
    tx.delete(this.jobs, id)
    tx.delete(this.due, [job.due, id])
    return job
  }

  #bury(tx, id, { payload, tries }, error) {
    tx.put(this.dead, id, { payload, tries, error })
  }
}
