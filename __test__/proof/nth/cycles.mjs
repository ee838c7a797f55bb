/** The cycles of `nth` in their order: one operation, one kind of call, one error, one place. */

import calls from './calls.json' with { type: 'json' }

/** What each kind of call fails with: once, or with all of its kind behind it (`on`). */
const errors = {
  write: ['EIO once', 'EIO on', 'ENOSPC once', 'ENOSPC on', 'TORN once', 'SHORT once', 'SHORT on', 'EINTR once'],
  sync: ['EIO once', 'EIO on', 'ENOSPC once', 'EINTR once'],
  rename: ['EIO once', 'EIO on', 'ENOSPC once'],
  unlink: ['EIO once', 'EIO on', 'EACCES once'],
  open: ['EIO once', 'EIO on', 'EMFILE once', 'EMFILE on', 'ENOSPC once', 'EACCES once', 'EINTR once'],
  truncate: ['EIO once', 'EIO on', 'ENOSPC once', 'EINTR once'],
  mmap: ['ENOMEM once', 'ENOMEM on'],
  mkdir: ['EIO once', 'EIO on', 'ENOSPC once'],
  read: ['EIO once', 'EIO on', 'SHORT once', 'SHORT on', 'EINTR once'],
}

/** The share of it that runs through Node, where a cycle takes ten times as long. */
const errorsOfNode = {
  write: ['EIO once', 'ENOSPC on', 'EINTR once'],
  sync: ['EIO once'],
  rename: ['EIO once'],
  unlink: ['EIO once'],
  open: ['EIO once', 'EMFILE on'],
  truncate: ['EIO once'],
  mmap: ['ENOMEM once'],
  mkdir: ['EIO once'],
}

/**
 * While a store opens, a place that cannot be read is that from the first read on. sled takes a read that fails in its own
 * recovery for the end of its log and overwrites the rest, so each place is read before sled is let at it.
 */
const readsOfOpen = ['EIO place', 'SHORT once', 'SHORT on', 'EINTR once']

/** How many steps of each limit: of files' sizes, of open files, of space on the disk, of memory. */
const limits = { fsize: 24, nofile: 10, space: 20, memory: 48 }
const limited = [
  'open-new',
  'open-unclosed',
  'commit-full',
  'bulk',
  'large',
  'checkpoint',
  'publish',
  'restore',
  'close',
]

/**
 * One series is all places of an operation, a kind and an error: 1, 2, 3 … as many as calls were counted, and one more.
 *
 * @returns {{ by: 'rust' | 'node', operation: string, kind: string, error: string, mode: string, at: number, isLast: boolean }[]}
 */
function inOrder() {
  const cycles = []
  const series = (by, operation, kind, fault, places, isOpen) => {
    const [error, mode] = fault.split(' ')
    for (let at = 1; at <= places; at++)
      cycles.push({ by, operation, kind, error, mode, at, isLast: isOpen && at === places })
  }
  for (const [by, faultsOf] of Object.entries({ rust: errors, node: errorsOfNode })) {
    for (const [operation, counts] of Object.entries(calls[by])) {
      for (const [kind, faults] of Object.entries(faultsOf)) {
        const opens = kind === 'read' && operation.startsWith('open-')
        for (const fault of opens ? readsOfOpen : faults)
          series(by, operation, kind, fault, (counts[kind] ?? 0) + 1, true)
      }
    }
  }
  for (const [kind, steps] of Object.entries(limits))
    for (const operation of limited) series('rust', operation, kind, 'limit once', steps, false)
  return cycles
}

const cycles = inOrder()

/** How many there are. */
export const total = cycles.length

/** A prime that does not divide the total, so that neighbors in the order lie far apart and none is left out. */
const stride = 1_000_003

/** The cycle of a seed; each of `total` seeds in a row has another one. */
export function cycleOf(seed) {
  return cycles[((((seed % total) * (stride % total)) % total) + total) % total]
}

/** As {@link cycleOf}, by its words; for a test that keeps what was found. */
export function cycleNamed(words) {
  const [operation, kind, error, at, mode] = words.split(' ')
  const by = operation.startsWith('node-') ? 'node' : 'rust'
  return { by, operation, kind, error, mode, at: Number(at), isLast: false }
}
