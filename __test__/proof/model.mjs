/**
 * Plays the same steps under two sets of options and holds each answer against a plain map and against the other run's, then
 * checks a concurrent history for strict serializability.
 */

import { join } from 'node:path'
import { buildBinaries, outcomesOf } from './helpers/binaries.mjs'

export const title = 'the same steps under other options give the same answers, and histories could have run one by one'
export const unit = 'scripts'
export const small = 10
export const full = 5_000

/** Longest a script may take. */
const secondsMax = 300

export async function prepare(context) {
  return { model: join(await buildBinaries(context), 'model') }
}

export async function run({ seed, cycles, prepared, signal, report }) {
  const deadline = new AbortController()
  const expire = () => deadline.abort()
  let timer = setTimeout(expire, secondsMax * 1000)
  const hear = (outcome) => {
    clearTimeout(timer)
    timer = setTimeout(expire, secondsMax * 1000)
    report(outcome)
  }
  const command = [prepared.model, String(seed), String(cycles)]
  const next = await outcomesOf(command, { seed, cycles, signal: AbortSignal.any([signal, deadline.signal]), hear })
  clearTimeout(timer)
  if (deadline.signal.aborted) {
    const note = `no end after ${secondsMax} s`
    report({ seed: next, cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 1, note })
  }
}
