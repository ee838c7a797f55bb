import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Gives the names of folders that do not exist yet, below one that is removed after the file's tests. */
export function freshFolders(): () => string {
  const parent = mkdtempSync(join(tmpdir(), 'sledstore-'))
  let count = 0
  afterAll(() => rmSync(parent, { recursive: true, force: true }))
  return () => join(parent, String(count++))
}
