/** Indexes that are one file of an engine's own writing, made durable by the bench. */

import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs'

/** Lets `write` make a file, and puts it in the place of another once it is on disk. */
export function writeDurably(path, write) {
  const fresh = `${path}.new`
  write(fresh)
  const file = openSync(fresh, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(fresh, path)
}

/** Why it has no durable upserts. */
export const wholeFile = 'which has no other way to disk than a file of the whole index'
