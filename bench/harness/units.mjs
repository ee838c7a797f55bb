/** Units of what the suites have in common. */

/** What is measured of an engine besides its answers. */
export const resourceUnits = {
  open: 'ms',
  memory_peak: 'bytes',
  memory_settled: 'bytes',
  disk: 'bytes',
  written: 'bytes',
  cpu: 's',
}
