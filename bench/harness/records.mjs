/** The file of a suite that is measured in one go. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commit, load, machine } from './machine.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Where figures come from, with the load of the machine before and after they were measured. */
export function originOf(loadBefore) {
  return { date: new Date().toISOString(), commit: commit(here), machine: machine(), load: [loadBefore, load()] }
}

export function writeRecords(path, result) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`)
}
