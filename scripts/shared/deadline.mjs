/** Ends commands that never end, with all they started, so that a run of the tests always reaches its last line. */

/**
 * Kills a child and its process group after some minutes, or when the person at the terminal interrupts us: then we end
 * too, unless there is a signal, whose owner has heard of it and decides.
 *
 * @param {import('node:child_process').ChildProcess} child started as the leader of its own group
 * @param {number | undefined} minutes no deadline when undefined
 * @param {AbortSignal} [signal]
 * @returns {() => void} call it when the child has ended
 */
export function killGroupAfter(child, minutes, signal) {
  if (minutes === undefined || child.pid === undefined) return () => {}
  const kill = () => {
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
  const interrupted = () => {
    kill()
    process.exit(130)
  }
  const timer = setTimeout(kill, minutes * 60_000)
  if (signal !== undefined) {
    signal.addEventListener('abort', kill, { once: true })
    return () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', kill)
    }
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  return () => {
    clearTimeout(timer)
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}
