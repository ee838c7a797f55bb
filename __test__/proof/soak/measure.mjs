/** What a process and its store hold when nothing goes on, and how much more than at the beginning that may be. */
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const binding = createRequire(import.meta.url)('../../../lib/native/binding.cjs')

/**
 * What is bounded, by how much it may be above what it was at the beginning: memory by the budget,
 * which fills up, and by what Node keeps of threads that were terminated.
 */
const growth = { rss: 192 << 20, files: 3, threads: 6, handles: 12, snapshots: 0 }
/**
 * On disk may be so many times the most that ever lived, what snapshots held among it, and what a small store has beyond
 * that: sled trims its file only when half of it is free.
 */
const DISK_RATIO = 4
const DISK_SLACK_BYTES = 64 << 20

/** Waits until freed things are freed, and the background has nothing to do. */
async function settle() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await sleep(150)
  }
}

/** The entries of a folder of the system's, where it has one. */
function entriesOf(path) {
  try {
    return readdirSync(path).length
  } catch {
    return 0
  }
}

/** A store has a file open once to read it and once to write it. */
const HANDLES_A_FILE = 2

/**
 * What is open, and how often. Modules are left out: a thread that is terminated while Node reads one leaves it open, with
 * a store and without. So is what the store has a right to, as the number of its files goes with its data.
 */
function openFiles(folder) {
  const counts = {}
  try {
    for (const name of readdirSync('/proc/self/fd')) {
      const target = readlinkOf(`/proc/self/fd/${name}`).replace(/:\[\d+\]$/, '')
      if (!/\.[cm]?js$/.test(target)) counts[target] = (counts[target] ?? 0) + 1
    }
  } catch {
    // Elsewhere than on Linux nobody tells.
  }
  // One that was removed is told as "… (deleted)", and does not exist.
  const more = ([target, count]) =>
    target.startsWith(folder) && existsSync(target) ? [target, count - HANDLES_A_FILE] : [target, count]
  return Object.fromEntries(
    Object.entries(counts)
      .map(more)
      .filter(([, count]) => count > 0),
  )
}

function readlinkOf(path) {
  try {
    return readlinkSync(path)
  } catch {
    return 'closed meanwhile'
  }
}

function bytesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, { parentPath, path, name }) => sum + statSync(join(parentPath ?? path, name)).size, 0)
}

export async function measure(folder, store) {
  await settle()
  const { disk, readers } = store.stats()
  const open = openFiles(folder)
  return {
    rss: process.memoryUsage.rss(),
    files: Object.values(open).reduce((sum, count) => sum + count, 0),
    open,
    threads: entriesOf('/proc/self/task'),
    handles: binding.counts().handles,
    snapshots: readers.snapshots,
    disk: bytesIn(folder),
    live: disk.live ?? 0,
  }
}

/** What is no longer bounded, in words. */
export function boundsBroken(first, last, mostLive) {
  const broken = Object.entries(growth)
    .filter(([name, more]) => last[name] > first[name] + more)
    .map(([name]) => `${name} grew from ${first[name]} to ${last[name]}`)
  const more = Object.keys(last.open).filter((name) => last.open[name] > (first.open[name] ?? 0))
  if (last.files > first.files + growth.files) broken.push(`more is open of ${more.join(', ')}`)
  if (last.disk > DISK_RATIO * mostLive + DISK_SLACK_BYTES)
    broken.push(`${last.disk} bytes on disk, and never more than ${mostLive} lived`)
  return broken
}
