/**
 * The steps of the load, on a screen and in figures: on a terminal a bar with rate and remaining time, elsewhere plain
 * lines.
 */

import { Presets, SingleBar } from 'cli-progress'

/** Time between two plain lines of a step that goes on. */
const lineInterval_ms = 5_000

/** @typedef {{ name: string, rows: number, seconds: number, rows_per_second: number }} StepResult */

/** Runs steps one after the other and keeps what each took. */
export class Steps {
  /** @type {StepResult[]} */
  results = []
  #onTerminal

  constructor(onTerminal = process.stdout.isTTY === true) {
    this.#onTerminal = onTerminal
  }

  /**
   * Runs a step.
   *
   * @template R
   * @param {string} name
   * @param {{ total?: number, unit?: string }} size what {@link Step.advance} adds up to, if that is known, and of what
   * @param {(step: Step) => R | Promise<R>} action
   * @returns {Promise<R>}
   */
  async run(name, { total = 0, unit = 'rows' }, action) {
    const View = this.#onTerminal && total > 0 ? BarView : LineView
    const view = new View(name, total, unit)
    const step = new Step(view)
    const started = performance.now()
    try {
      const result = await action(step)
      const seconds = (performance.now() - started) / 1000
      this.results.push({ name, rows: step.rows, seconds, rows_per_second: Math.round(step.rows / seconds) })
      return result
    } finally {
      view.end()
      const last = this.results.at(-1)
      if (last?.name === name) console.log(lineOf(last))
    }
  }
}

/** A step that runs. */
class Step {
  /** Rows it handled, for the figures. */
  rows = 0
  #view
  #done = 0

  constructor(view) {
    this.#view = view
  }

  /** Counts rows that are their own measure of progress. */
  add(rows) {
    this.rows += rows
    this.advance(rows)
  }

  /** Moves on, by rows or by another unit that the step's total counts. */
  advance(amount) {
    this.#done += amount
    this.#view.show(this.#done)
  }
}

class BarView {
  #bar
  #started = performance.now()

  constructor(name, total, unit) {
    const format = `${name.padEnd(17)} {bar} {percentage} % · {rate} ${unit}/s · {eta_formatted} left`
    this.#bar = new SingleBar({ format, stream: process.stdout, clearOnComplete: true, hideCursor: true }, Presets.rect)
    this.#bar.start(total, 0, { rate: 0 })
  }

  show(done) {
    const rate = count(Math.round((done * 1000) / (performance.now() - this.#started)))
    this.#bar.update(done, { rate })
  }

  end() {
    this.#bar.stop()
  }
}

class LineView {
  #name
  #total
  #unit
  #started = performance.now()
  #shown = this.#started

  constructor(name, total, unit) {
    this.#name = name
    this.#total = total
    this.#unit = unit
  }

  show(done) {
    const now = performance.now()
    if (now - this.#shown < lineInterval_ms || this.#total === 0) return
    this.#shown = now
    const perSecond = (done * 1000) / (now - this.#started)
    const left = Math.ceil((this.#total - done) / perSecond)
    const percent = Math.floor((100 * done) / this.#total)
    console.log(`${this.#name}: ${percent} %, ${count(Math.round(perSecond))} ${this.#unit}/s, ${left} s left`)
  }

  end() {}
}

/** @param {StepResult} result */
function lineOf({ name, rows, seconds, rows_per_second }) {
  const rate = rows === 0 ? '' : `${count(rows).padStart(9)} rows ${count(rows_per_second).padStart(11)}/s`
  return `${name.padEnd(17)} ${seconds.toFixed(2).padStart(6)} s ${rate}`
}

/** A number as people read it. */
export function count(number) {
  return number.toLocaleString('en-US')
}
