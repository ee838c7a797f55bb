/** Clocks and percentiles. Times are in microseconds. */

/** Runs `step(0) … step(count - 1)` without looking at the clock in between. */
export function timeAll(count, step) {
  const started = performance.now()
  for (let index = 0; index < count; index++) step(index)
  return (performance.now() - started) * 1000
}

/** Runs `step(0) … step(count - 1)` and notes how long each took. */
export function timeEach(count, step) {
  const times = new Float64Array(count)
  const started = performance.now()
  let before = started
  for (let index = 0; index < count; index++) {
    step(index)
    const after = performance.now()
    times[index] = after - before
    before = after
  }
  return { total: (before - started) * 1000, ...percentiles(times) }
}

/** As `timeEach`, for steps that give promises, one after the other. */
export async function timeEachAsync(count, step) {
  const times = new Float64Array(count)
  const started = performance.now()
  let before = started
  for (let index = 0; index < count; index++) {
    await step(index)
    const after = performance.now()
    times[index] = after - before
    before = after
  }
  return { total: (before - started) * 1000, ...percentiles(times) }
}

function percentiles(times) {
  times.sort()
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))] * 1000
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}
