/** The sizes at which the workloads of keys and values run. */

import { engines } from '../adapters/index.mjs'
import { workloads } from '../workloads/index.mjs'

const MiB = 1 << 20
const namesOf = (list) => list.map(({ name }) => name)

/**
 * @typedef {object} Size
 * @property {string} name
 * @property {string} title
 * @property {number} rows
 * @property {number} valueBytes
 * @property {number} memoryBytes
 * @property {number} rounds
 * @property {string[]} engines
 * @property {string[]} workloads
 */

const all = { engines, workloads: namesOf(workloads) }

/** @type {Size[]} */
export const sizes = [
  {
    ...all,
    name: 'million',
    title: '1 M rows of 100 B, everything',
    rows: 1_000_000,
    valueBytes: 100,
    memoryBytes: 128 * MiB,
    rounds: 5,
  },
  {
    ...all,
    name: 'small',
    title: '100 k rows of 100 B, everything',
    rows: 100_000,
    valueBytes: 100,
    memoryBytes: 128 * MiB,
    rounds: 3,
  },
  {
    ...all,
    name: '1k',
    title: '100 k rows of 1 KB, everything',
    rows: 100_000,
    valueBytes: 1024,
    memoryBytes: 128 * MiB,
    rounds: 3,
  },
  {
    ...all,
    name: '16k',
    title: '100 k rows of 16 KB, everything',
    rows: 100_000,
    valueBytes: 16 << 10,
    memoryBytes: 128 * MiB,
    rounds: 1,
  },
  {
    name: 'large',
    title: '10 M rows of 100 B: SledStore and RocksDB, what matters of it',
    rows: 10_000_000,
    valueBytes: 100,
    memoryBytes: 256 * MiB,
    rounds: 3,
    engines: ['sledstore', 'rocksdb'],
    workloads: namesOf(workloads.filter(({ large }) => large)),
  },
]

/** @type {Size} */
export const quickSize = {
  name: 'quick',
  title: '100 k rows of 100 B, the short list',
  rows: 100_000,
  valueBytes: 100,
  memoryBytes: 128 * MiB,
  rounds: 3,
  engines,
  workloads: namesOf(workloads.filter(({ quick }) => quick)),
}
