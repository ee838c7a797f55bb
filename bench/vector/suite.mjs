/** The vector suite as it is planned, kept and resumed. */

import { resourceUnits } from '../harness/units.mjs'
import { vectorWorkloads } from './workloads/index.mjs'

/** @type {import('../harness/suite.mjs').Suite} */
export const vectorSuite = {
  name: 'vector',
  sizeFields: ['rows', 'set', 'queries', 'dimensions', 'memoryBytes'],
  stores: ['empty', 'loaded'],
  workloads: vectorWorkloads,
  units: {
    rate_990: 'queries/s',
    rate_995: 'queries/s',
    rate_998: 'queries/s',
    rate_half: 'queries/s',
    rate_tenth: 'queries/s',
    rate_hundredth: 'queries/s',
    rate_thousandth: 'queries/s',
    p99_990: 'ms',
    p99_995: 'ms',
    p99_998: 'ms',
    p99_half: 'ms',
    p99_tenth: 'ms',
    p99_hundredth: 'ms',
    p99_thousandth: 'ms',
    build: 's',
    throughput: 'rows/s',
    upserts: 'ms',
    churn: 's',
    rate_deletes: 'rows/s',
    recall_before: 'x',
    recall_after: 'x',
    rate_after: 'queries/s',
    ...resourceUnits,
  },
}
