/**
 * Moving to the adapter, as docs/guide/abstract-level.md shows it: an application of classic-level by its import alone, and
 * each call of the page's tables for leveldown, rocksdb, levelup and lmdb.
 */

import { deepEqual, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { program } from '../helpers/level.mjs'

export const title =
  'abstract-level: an application of classic-level by its import; leveldown, rocksdb, levelup, lmdb by tables'
export const minutes = 2
export const quick = true
export const needs = ['__test__/package/level']

export async function check({ folder, run }) {
  const told = async (module, name) => {
    const { stdout } = await run(process.execPath, [program('application.mjs'), module, name, join(folder, name)])
    return JSON.parse(stdout)
  }
  const expected = await told('classic-level', 'ClassicLevel')
  deepEqual(await told('sledstore/abstract-level', 'SledLevel'), expected)
  ok(expected.length > 30, `${expected.length} observations`)
  const { stdout } = await run(process.execPath, [program('ports.mjs'), folder])
  return { count: JSON.parse(stdout).count, unit: 'calls', note: `${expected.length} observations of the application` }
}
