/** Runs cycles whose process under test is Node with the built addon, and checks each store in this process. */

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const subject = fileURLToPath(new URL('./node-subject.mjs', import.meta.url))

/** What a process may take; one that takes longer hangs. */
const deadlineMs = 60_000

const counted = /(\w+)=(\d+)/g

export class NodeSupervisor {
  #work
  #folder

  constructor({ shim, scratch }) {
    this.shim = shim
    this.scratch = scratch
  }

  async #prepare() {
    // Not before it is needed: the setup of the checkout builds what it imports.
    this.#work = await import('./node-work.mjs')
    this.#folder = mkdtempSync(join(this.scratch, 'node-'))
    await this.#work.makeSample(join(this.#folder, 'sample'))
  }

  async run({ operation, kind, error, at, mode }) {
    if (this.#work === undefined) await this.#prepare()
    const folder = join(this.#folder, 'cycle')
    rmSync(folder, { recursive: true, force: true })
    cpSync(join(this.#folder, 'sample'), folder, { recursive: true })
    const outcome = { lost: 0, wrong: 0, aborted: 0, hung: 0, failed: 0, calls: {}, notes: [] }
    const note = (what, text) => {
      outcome[what]++
      outcome.notes.push(text)
    }
    const ended = await this.#runSubject(folder, [folder, operation, kind, error, String(at), mode])
    if (ended.hung) note('hung', 'it did not end')
    else if (ended.code !== 0) note('aborted', `${ended.code ?? ended.signal}: ${ended.errors.slice(-600)}`)
    const steps = this.#hear(ended.output.split('\n'), outcome, note)
    await this.#check(folder, steps, note)
    return outcome
  }

  #runSubject(folder, words) {
    const env = { ...process.env, LD_PRELOAD: this.shim, NTH_UNDER: folder }
    const child = spawn(process.execPath, [subject, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = { output: '', errors: '', hung: false }
    child.stdout.on('data', (text) => (ended.output += text))
    child.stderr.on('data', (text) => (ended.errors += text))
    const timer = setTimeout(() => {
      ended.hung = true
      child.kill('SIGKILL')
    }, deadlineMs)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ ...ended, code, signal })
      })
    })
  }

  /** What the process told; gives its steps, and whether each was acknowledged. */
  #hear(lines, outcome, note) {
    const steps = []
    for (const line of lines) {
      const [word, ...rest] = line.split(' ')
      if (word === 'step')
        steps.push({ number: Number(rest[0]), change: rest[1], acknowledged: rest[2] === 'acknowledged' })
      else if (word === 'wrong' || word === 'lost') note(word, line)
      else if (word === 'calls') {
        for (const [, name, count] of line.matchAll(counted)) outcome.calls[name] = Number(count)
        outcome.failed = outcome.calls.failed
      }
    }
    if (!lines.includes('end') && outcome.hung + outcome.aborted === 0) note('wrong', 'it did not come to its end')
    return steps
  }

  async #check(folder, steps, note) {
    const { SledStore } = await import('../../../dist/index.js')
    const { options, paths, sampleFaults, stateOf } = this.#work
    try {
      const store = await SledStore.open(paths(folder).store, options)
      for (const { number, change, acknowledged } of steps) {
        const found = stateOf(store, number, change)
        if (typeof found === 'string') note('wrong', `after reopening: ${found}`)
        else if (acknowledged && !found) note('lost', `step ${number} (${change}) was acknowledged`)
      }
      for (const fault of sampleFaults(store)) note('lost', `after reopening: ${fault}`)
      for (const finding of (await store.verify()).findings) note('wrong', `verify: ${JSON.stringify(finding)}`)
      // What could not be removed goes with the next one.
      for (const file of [paths(folder).file, paths(folder).backup]) await store.publish(file)
      await store.close()
    } catch (error) {
      note('wrong', `after reopening: ${error.stack}`)
    }
    for (const name of readdirSync(folder)) {
      if (!/^(?:store|restored|[\w.]+\.snapshot)$/.test(name)) note('wrong', `left over: ${name}`)
    }
  }

  end() {}
}
