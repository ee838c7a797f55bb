/** The process that runs cycles of Rust: `nth serve` of crate/proof, started again when it ended. */

import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Longer than the process under test and its check may take together. */
const deadlineMs = 150_000

export class Server {
  #child
  #lines

  constructor({ program, shim, scratch, small }) {
    this.program = program
    this.folders = () => [mkdtempSync(join(scratch, 'rust-')), shim, small ?? scratch]
  }

  #start() {
    const [folder, shim, small] = this.folders()
    const stdio = ['pipe', 'pipe', 'inherit']
    this.#child = spawn(this.program, ['serve', folder, shim, small], { stdio })
    this.#child.stdin.on('error', () => {}) // it ended, which its output tells
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Runs one cycle; a server that dies or hangs over it did so in its check of the store. */
  async run({ operation, kind, error, at, mode }) {
    if (this.#child === undefined) this.#start()
    this.#child.stdin.write(`${operation} ${kind} ${error} ${at} ${mode}\n`)
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs, 'late')
    })
    const answer = await Promise.race([this.#lines.next(), late])
    clearTimeout(timer)
    if (answer !== 'late' && !answer.done) return JSON.parse(answer.value)
    this.end()
    const hung = answer === 'late' ? 1 : 0
    return { lost: 0, wrong: 0, aborted: 1 - hung, hung, failed: 1, notes: ['the check of the store did not end'] }
  }

  end() {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}
