/**
 * Clocks and percentiles. Times are in microseconds. A step that has work of its own to wait for gives a promise, any
 * other gives nothing: engines without synchronous calls run in the same loops.
 */

/** Room for times, made before memory is measured: what the clock needs is no engine's. */
const reserved = []

/** Makes room for `lists` lists of up to `count` times; each is taken once. */
export function reserveTimes(lists, count) {
  for (let list = 0; list < lists; list++) reserved.push(new Float64Array(count).fill(1)) // pages come with what is written
}

/** A list for `count` times: a reserved one where there is one that is long enough. */
export function takeTimes(count) {
  const list = reserved.at(-1)?.length >= count ? reserved.pop() : new Float64Array(count)
  return list.subarray(0, count)
}

/** Runs `step(0) … step(count - 1)` without looking at the clock in between. */
export async function timeAll(count, step) {
  const started = performance.now()
  for (let index = 0; index < count; index++) {
    const pending = step(index)
    if (pending !== undefined) await pending
  }
  return (performance.now() - started) * 1000
}

/** Runs `step(0) … step(count - 1)` and notes how long each took. */
export async function timeEach(count, step) {
  const times = takeTimes(count)
  const started = performance.now()
  let before = started
  for (let index = 0; index < count; index++) {
    const pending = step(index)
    if (pending !== undefined) await pending
    const after = performance.now()
    times[index] = after - before
    before = after
  }
  return { total: (before - started) * 1000, times }
}

/** As `timeEach`, with `make(index)` before each step, off the clock; the step gets what it made. */
export async function timeEachOf(count, make, step) {
  const times = takeTimes(count)
  for (let index = 0; index < count; index++) {
    const made = make(index)
    const before = performance.now()
    const pending = step(made)
    if (pending !== undefined) await pending
    times[index] = performance.now() - before
  }
  return { total: times.reduce((sum, time) => sum + time, 0) * 1000, times }
}

/** @param {Float64Array} times in milliseconds; they are put in order */
export function percentiles(times) {
  if (times.length === 0) return {}
  times.sort()
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))] * 1000
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}
