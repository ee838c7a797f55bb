/**
 * A loop that awaits one write after another lets timers, signals and sockets have their turn, although most of its writes
 * need not wait for anything.
 */
import { setImmediate } from 'node:timers'

/** Writes answered at once before the event loop has a turn: it costs about a microsecond, and they several hundred. */
const ANSWERS_A_TURN = 256

/** The promise of writes that need not wait. */
const done: Promise<void> = Promise.resolve()

let left = ANSWERS_A_TURN
let turn: Promise<void> | undefined

/** The promise of a write that need not wait: it is kept already, or with the next turn of the event loop. */
export function atOnce(): Promise<void> {
  if (left > 0) {
    left--
    return done
  }
  return (turn ??= new Promise((resolve) => {
    setImmediate(() => {
      left = ANSWERS_A_TURN
      turn = undefined
      resolve()
    })
  }))
}
