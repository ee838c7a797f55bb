/** Kills Node processes that write through the built addon, and checks what their stores hold, through the addon too. */

import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('child.mjs', import.meta.url))
const secondsMax = 60

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function drawing(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function planOf(seed) {
  const draw = drawing(seed)
  const pick = (list) => list[Math.floor(draw() * list.length)]
  return {
    phase: pick(['open', 'writing', 'writing', 'compact', 'close']),
    level: pick(['full', 'os', 'none']),
    acknowledged: 5 + Math.floor(draw() * 60),
    delay: draw() * 15,
  }
}

/** One store and the processes that die on it; what they promised is kept from one to the next. */
export class NodeKiller {
  #begun = {}
  #done = {}

  /** `folder` holds the store, `evidence` gets what a check found something in. */
  constructor(folder, evidence) {
    this.folder = folder
    this.evidence = evidence
    this.store = join(folder, 'store')
  }

  /** Kills one process and checks; gives the report of it. */
  async kill(seed, plan = planOf(seed)) {
    const outcome = { seed, cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 0, counts: {} }
    const notes = []
    const heard = await this.#live(plan, outcome, notes)
    for (const line of heard.lines) this.#hear(line, plan.level)
    outcome.counts = { 'through the addon': 1, [`addon killed in ${heard.phase}`]: 1, acknowledged: heard.acknowledged }
    this.#check(outcome, notes)
    return notes.length === 0 ? outcome : { ...outcome, note: notes.join('; ') }
  }

  async #live({ phase, level, acknowledged, delay }, outcome, notes) {
    const steps = phase === 'close' ? acknowledged : 1e9
    const child = spawn(process.execPath, [script, 'live', this.store, level, String(steps)])
    const heard = { lines: [], phase: 'start', acknowledged: 0 }
    let rest = ''
    let words = ''
    let look = () => {}
    child.stdout.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop()
      for (const line of lines) {
        heard.lines.push(line)
        if (line.startsWith('phase ')) heard.phase = line.slice('phase '.length)
        if (line.startsWith('done ')) heard.acknowledged++
      }
      look()
    })
    child.stderr.on('data', (chunk) => (words = `${words}${chunk}`.slice(-1_500)))
    const closed = new Promise((done) => child.on('close', (code, by) => done({ code, by })))
    const isReached = () => heard.phase === phase && (phase === 'open' || heard.acknowledged >= acknowledged)
    const reached = new Promise((done) => (look = () => isReached() && done('reached')))
    const late = new AbortController()
    const deadline = pause(secondsMax * 1_000, 'late', { signal: late.signal }).catch(() => 'ended')
    const waited = await Promise.race([reached, deadline, closed.then(() => 'ended')])
    late.abort()
    if (waited === 'late') {
      outcome.hung++
      notes.push(`hung in ${heard.phase}`)
    }
    if (waited === 'reached') await pause(delay)
    child.kill('SIGKILL')
    const { code, by } = await closed
    if (by !== 'SIGKILL' && heard.phase !== 'closed') {
      outcome.aborted++
      notes.push(`ended by itself in ${heard.phase} with ${by ?? code}: ${heard.lines.at(-1)} ${words}`)
    }
    return heard
  }

  #hear(line, level) {
    const [what, lane, number] = line.split(' ')
    const end = Number(number) + 1
    if (what === 'begin') this.#begun[lane] = Math.max(this.#begun[lane] ?? 0, end)
    if (what === 'done' && level !== 'none') this.#done[lane] = Math.max(this.#done[lane] ?? 0, end)
  }

  #check(outcome, notes) {
    if (!existsSync(this.store)) return
    const copy = join(this.folder, `check-${outcome.seed}`)
    cpSync(this.store, copy, { recursive: true })
    try {
      this.#checkCopy(copy, outcome, notes)
    } finally {
      if (notes.length > 0) cpSync(copy, join(this.evidence, `found-${outcome.seed}`), { recursive: true })
      rmSync(copy, { recursive: true })
    }
  }

  #checkCopy(copy, outcome, notes) {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, 'check', copy], {
      encoding: 'utf8',
      timeout: secondsMax * 1_000,
      killSignal: 'SIGKILL',
    })
    if (status !== 0) {
      if (signal === 'SIGKILL') outcome.hung++
      else if (signal !== null) outcome.aborted++
      else outcome.wrong++
      notes.push(`the check ended with ${signal ?? status}: ${stdout} ${stderr.slice(-1_500)}`)
      return
    }
    const { found, wrong } = JSON.parse(stdout)
    outcome.wrong += wrong.length
    notes.push(...wrong)
    for (const [lane, count] of Object.entries(found)) {
      const [done, begun] = [this.#done[lane] ?? 0, this.#begun[lane] ?? 0]
      if (count < done) outcome.lost += done - count
      if (count > begun) outcome.wrong++
      if (count < done || count > begun) notes.push(`${lane}: ${count} steps, ${done} acknowledged, ${begun} begun`)
      this.#done[lane] = count
      this.#begun[lane] = count
    }
  }
}
