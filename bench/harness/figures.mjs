/** What the operating system says of this process and of a folder. Linux only where it says so. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A figure of a file below /proc/self in bytes; undefined elsewhere than on Linux. */
function procBytes(file, name, unit) {
  let text
  try {
    text = readFileSync(`/proc/self/${file}`, 'utf8')
  } catch {
    return undefined
  }
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)
  return found === null ? undefined : Number(found[1]) * unit
}

/** Resident memory now, after a collection when the process was started with --expose-gc. */
export function residentBytes() {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

/** Forgets the peak so far, so that what the harness itself needed does not count (Linux). */
export function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Elsewhere the peak stands from the start of the process.
  }
}

/** The most memory that was resident since `forgetPeak`. */
export function peakBytes() {
  return procBytes('status', 'VmHWM', 1024) ?? process.resourceUsage().maxRSS * 1024
}

/** Resident memory that no file backs, so that the system could only get it back by swapping (Linux). */
export function anonymousBytes() {
  return procBytes('status', 'RssAnon', 1024)
}

/** Bytes this process caused to be written to storage, page cache write-back included (Linux). */
export function writtenBytes() {
  return procBytes('io', 'write_bytes', 1)
}

/** CPU seconds of this process and all its threads. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** CPU seconds of this process's other threads, so that looking at them does not count (Linux). */
export function otherThreadsSeconds() {
  const others = readdirSync('/proc/self/task').filter((thread) => Number(thread) !== process.pid)
  return others.reduce((sum, thread) => sum + runSeconds(`/proc/self/task/${thread}/schedstat`), 0)
}

function runSeconds(path) {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e9
  } catch {
    return 0 // the thread has ended
  }
}

/** Bytes a folder takes on disk: allocated blocks, so a sparse file counts for what it holds. */
export function diskBytes(folder) {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const { blocks, size } = statSync(join(entry.parentPath ?? entry.path, entry.name))
    bytes += blocks === undefined ? size : blocks * 512
  }
  return bytes
}
