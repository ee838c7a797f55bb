/** What tells apart the suites whose runs are planned, kept and resumed. */

import { workloads } from '../workloads/index.mjs'

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} sizeFields what of a run says how large its store is; `rows` is among them
 * @property {string[]} stores what workloads begin with, in the order in which those that begin with it run
 * @property {{ name: string, metric: string }[]} workloads
 * @property {Record<string, string>} units of the metrics, in the order of the tables
 */

/** @type {Suite} */
export const kvSuite = {
  name: 'kv',
  sizeFields: ['rows', 'valueBytes', 'memoryBytes'],
  stores: ['empty', 'string', 'binary', 'object', 'killed'],
  workloads,
  units: {
    throughput: 'rows/s',
    throughput_drained: 'rows/s',
    throughput_one: 'rows/s',
    scaling: 'x',
    mean: 'us',
    p50: 'us',
    p99: 'us',
    p999: 'us',
    read_p99: 'us',
    write_p99: 'us',
    scan_after: 'us',
    open: 'ms',
    memory_peak: 'bytes',
    memory_settled: 'bytes',
    disk: 'bytes',
    written: 'bytes',
    written_per_byte: 'x',
    cpu_burst: 's',
    cpu: 's',
  },
}
