/** The graph suite as it is planned, kept and resumed. */

import { resourceUnits } from '../harness/units.mjs'
import { graphWorkloads } from './workloads/index.mjs'

/** @type {import('../harness/suite.mjs').Suite} */
export const graphSuite = {
  name: 'graph',
  sizeFields: ['rows', 'graph', 'nodes', 'edges', 'memoryBytes'],
  stores: ['empty', 'loaded'],
  workloads: graphWorkloads,
  units: {
    throughput: 'rows/s',
    throughput_nodes: 'rows/s',
    throughput_edges: 'rows/s',
    mean: 'ms',
    p50: 'ms',
    p99: 'ms',
    ...resourceUnits,
  },
}
