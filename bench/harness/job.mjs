/** What a process or thread of the bench is told to do, and how it opens the store of it. */

/**
 * @typedef {object} Job
 * @property {'verify' | 'load' | 'kill' | 'measure'} task
 * @property {string} packageName
 * @property {string} setting
 * @property {string} folder
 * @property {string} [workload] of the task "measure"
 * @property {number} rows
 * @property {number} seed
 * @property {number} valueBytes
 * @property {number} memoryBytes
 * @property {'string' | 'binary' | 'object'} kind
 * @property {'os' | 'full'} durability
 * @property {boolean} [threads] whether several threads open the store
 */

/**
 * @param {import('../adapters/index.mjs').Adapter} adapter
 * @param {unknown} native what the adapter has loaded
 * @param {Job} job
 */
export function openJob(adapter, native, job) {
  const { folder, rows, valueBytes, memoryBytes, kind, durability, threads } = job
  const setting = adapter.settings.find(({ name }) => name === job.setting)
  return adapter.open(native, folder, {
    setting,
    memoryBytes,
    dataBytes: rows * (16 + valueBytes),
    kind,
    durability,
    threads,
  })
}
