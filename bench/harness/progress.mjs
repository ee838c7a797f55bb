/** Tells how far a run is: one line that changes on a terminal, a line now and then elsewhere. */

const quietMilliseconds = 30_000

/** @param {number} total of the runs */
export function progress(total) {
  const began = performance.now()
  let told = began
  return (text, left = 0) => {
    const now = performance.now()
    const done = total - left
    const share = total === 0 ? '' : `${done} of ${total}${estimate(now - began, done, left)}  `
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${share}${text}`.slice(0, process.stderr.columns || 200))
    else if (now - told > quietMilliseconds) {
      told = now
      console.error(`bench: ${share}${text}`)
    }
  }
}

function estimate(milliseconds, done, left) {
  if (done < 5) return ''
  const minutes = Math.ceil((milliseconds / done) * (left / 60_000))
  return `, about ${minutes} min left`
}

/** Ends the line of a terminal, for what is printed next. */
export function endProgress() {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
