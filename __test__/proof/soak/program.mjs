/** The process under test: `node program.mjs FOLDER SEED CYCLES SECONDS [PLANT]`. One line of JSON a cycle. */
import { mkdirSync, openSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { SledStore } from '../../../dist/index.js'
import { boundsBroken, measure } from './measure.mjs'
import { openRows, options, random, ROWS, valueOf, versionOf } from './rows.mjs'
import { Marks, slots, watch } from './stalls.mjs'

const [folder, seedText, cyclesText, secondsText, plant] = process.argv.slice(2)
const place = `${folder}/store`
const OPENS_A_CYCLE = 20
/** Between two batches: checkpoints follow, and what is held back for want of memory is no stall. */
const STEP_MS = 10
const WRITES_A_STEP = 60
/** What a guest may take before the cycle ends. */
const GUEST_MS = 900
/** Times that bounds are looked at again, half a second each. */
const MEASURED_AGAIN = 10

const found = { wrong: 0, hung: 0, notes: [] }
function find(kind, note) {
  found[kind]++
  if (found.notes.length < 5) found.notes.push(note)
}

class Soak {
  #versions = new Uint32Array(ROWS)
  #leaked = []
  #mostLive = 0

  get mostLive() {
    return this.#mostLive
  }

  async begin(seed) {
    this.store = await SledStore.open(place, options)
    this.rows = openRows(this.store)
    const entries = Array.from({ length: ROWS }, (_, row) => [row, valueOf(row, 0)])
    await this.store.bulkLoad(this.rows, entries)
    this.watching = watch(({ ms, slot, hung }) =>
      find(hung ? 'hung' : 'wrong', `a call of thread ${slot} took ${Math.round(ms)} ms`),
    )
    const workerData = { folder: place, memory: this.watching.memory, seed, plant }
    this.watched = new Worker(new URL('watched.mjs', import.meta.url), { workerData })
    this.watched.on('message', (note) => find('wrong', note))
    this.watched.on('error', (error) => find('wrong', `the watched thread: ${error.stack}`))
    this.marks = new Marks(this.watching.memory, slots.main)
  }

  /** One cycle of everything at once, and then rest. */
  async cycle(seed, seconds) {
    const end = performance.now() + seconds * 1_000
    const next = random(seed)
    const jobs = [
      this.#churn(next, end),
      this.#readSlowly(random(seed + 1), end),
      this.#keepSnapshots(random(seed + 2), end),
    ]
    jobs.push(this.#haveGuests(seed, end), this.#publish(end), this.#openAndClose())
    for (const { reason } of await Promise.allSettled(jobs))
      if (reason !== undefined) find('wrong', String(reason.stack))
    this.#checkAll()
    await this.store.flush()
    this.#leak()
  }

  /** Overwrites, and removes what it puts again: there are as many rows as before. */
  async #churn(next, end) {
    while (performance.now() < end) {
      const removed = next(ROWS)
      this.marks.around(() => this.rows.deleteSync(removed))
      if (this.marks.around(() => this.rows.get(removed)) !== undefined)
        find('wrong', `row ${removed} was removed and is there`)
      await this.store.batch((batch) => {
        this.#put(batch, removed)
        for (let at = 0; at < WRITES_A_STEP; at++) this.#put(batch, next(ROWS))
      })
      for (let at = 0; at < 20; at++) this.#check(next(ROWS))
      this.#mostLive = Math.max(this.#mostLive, this.store.stats().disk.live ?? 0)
      await sleep(STEP_MS)
    }
  }

  #put(batch, row) {
    const version = ++this.#versions[row]
    batch.put(this.rows, row, valueOf(row, version))
  }

  #check(row) {
    const version = versionOf(
      row,
      this.marks.around(() => this.rows.get(row)),
    )
    const expected = this.#versions[row] + (plant === 'value' && row % 10 === 0 ? 1 : 0)
    if (version !== expected) find('wrong', `row ${row} has version ${version} and not ${expected}`)
  }

  /** Every row by one scan; no other thread writes them. */
  #checkAll() {
    let count = 0
    for (const row of this.rows.keys())
      if (row !== count++) return find('wrong', `a scan gives row ${row} at place ${count - 1}`)
    if (count !== ROWS) find('wrong', `a scan gives ${count} rows`)
    for (let row = 0; row < ROWS; row += 97) this.#check(row)
  }

  /** Iterators that are read a row now and then, and some that are forgotten. */
  async #readSlowly(next, end) {
    while (performance.now() < end) {
      const scans = Array.from({ length: 5 }, () => this.rows.keys({ gte: next(ROWS), reverse: next(2) === 0 }))
      for (let turn = 0; turn < 40 && performance.now() < end; turn++) {
        for (const scan of scans) this.marks.around(() => scan.next())
        await sleep(25)
      }
      for (const [at, scan] of scans.entries()) if (at > 0) scan.close()
    }
  }

  /** Snapshots that outlive thousands of writes give what was there. */
  async #keepSnapshots(next, end) {
    const kept = []
    while (performance.now() < end) {
      const rows = Array.from({ length: 20 }, () => next(ROWS))
      kept.push({ snapshot: this.store.snapshot(), rows, versions: rows.map((row) => this.#versions[row]) })
      await sleep(800)
      if (kept.length > 5) this.#checkSnapshot(kept.splice(next(kept.length), 1)[0])
    }
    for (const one of kept) this.#checkSnapshot(one)
  }

  #checkSnapshot({ snapshot, rows, versions }) {
    for (const [at, row] of rows.entries()) {
      const version = versionOf(row, snapshot.get(this.rows, row))
      // One that was removed at that moment is put again at once, so it is missing or what it was.
      if (version !== undefined && version !== versions[at]) find('wrong', `a snapshot gives row ${row} as ${version}`)
    }
    snapshot.close()
  }

  async #haveGuests(seed, end) {
    for (let at = 0; performance.now() < end - GUEST_MS; at++) {
      const leaves = ['closed', 'open', 'exit', 'ended'][at % 4]
      const guest = new Worker(new URL('guest.mjs', import.meta.url), {
        workerData: { folder: place, seed: seed + at, leaves },
      })
      guest.on('error', (error) => find('wrong', `a guest: ${error.stack}`))
      if (leaves === 'ended') setTimeout(() => guest.terminate(), 300)
      await new Promise((resolve) => guest.on('exit', resolve))
    }
  }

  async #publish(end) {
    while (performance.now() < end - 1_500) {
      const file = `${folder}/published`
      await this.store.publish(file)
      const published = await SledStore.openSnapshot(file, { profile: 'embedded' })
      const rows = openRows(published)
      for (let row = 0; row < ROWS; row += 997) {
        const value = rows.get(row)
        if (value !== undefined && versionOf(row, value) === undefined)
          find('wrong', `a published row ${row} is another's`)
      }
      await published.close()
      rmSync(file)
      await sleep(3_000)
    }
  }

  /** Another store of this process, again and again. */
  async #openAndClose() {
    for (let at = 0; at < OPENS_A_CYCLE; at++) {
      const other = await SledStore.open(`${folder}/other`, options)
      const rows = openRows(other)
      const last = versionOf(1, rows.get(1)) ?? 0
      await rows.put(1, valueOf(1, last + 1))
      await other.close()
      if (plant === 'descriptors') openSync(`${folder}/other/STORE`)
    }
  }

  #leak() {
    if (plant === 'leak') this.#leaked.push(Buffer.alloc(400 << 20, 1))
    if (plant === 'snapshots') for (let at = 0; at < 50; at++) this.#leaked.push(this.store.snapshot())
  }

  async end() {
    this.watched.postMessage('end')
    await new Promise((resolve) => this.watched.on('exit', resolve))
    await this.watching.stop()
    const { findings } = await this.store.verify()
    if (findings.length > 0) find('wrong', `verify: ${JSON.stringify(findings)}`)
    await this.store.close()
  }
}

/** A busy machine ends threads and frees what they held later: what is out of bounds has to stay so. */
async function measureAtRest(first, { store, mostLive }) {
  for (let again = MEASURED_AGAIN; ; again--) {
    const last = await measure(place, store)
    const broken = boundsBroken(first, last, mostLive)
    if (broken.length === 0 || again === 0) return { last, broken }
  }
}

async function main() {
  mkdirSync(folder, { recursive: true })
  const [seed, cycles, seconds] = [seedText, cyclesText, secondsText].map(Number)
  const soak = new Soak()
  await soak.begin(seed)
  // Buffers, pools and threads of the runtime come with the first use.
  await soak.cycle(seed, Math.min(4, seconds))
  const first = await measure(place, soak.store)
  for (let at = 0; at < cycles; at++) {
    await soak.cycle(seed + at, seconds)
    const { last, broken } = await measureAtRest(first, soak)
    for (const what of broken) find('wrong', what)
    if (at === cycles - 1) await soak.end()
    process.stdout.write(`${JSON.stringify({ at, ...found, last })}\n`)
    Object.assign(found, { wrong: 0, hung: 0, notes: [] })
  }
}

await main()
