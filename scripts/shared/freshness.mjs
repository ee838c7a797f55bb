/** Tells whether something built is as new as what it was built from. */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** When a file was written, in ms since epoch; 0 when it is missing. */
export function writtenAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/**
 * When the newest file below some places was written.
 *
 * @param {string[]} places files and folders
 * @param {RegExp} kind names of files that count inside folders
 */
export function newest(places, kind) {
  let latest = 0
  for (const place of places) {
    const entry = statSync(place, { throwIfNoEntry: false })
    if (entry === undefined) continue
    if (!entry.isDirectory()) {
      latest = Math.max(latest, entry.mtimeMs)
      continue
    }
    for (const file of readdirSync(place, { recursive: true, withFileTypes: true })) {
      if (file.isFile() && kind.test(file.name))
        latest = Math.max(latest, writtenAt(join(file.parentPath ?? file.path, file.name)))
    }
  }
  return latest
}
