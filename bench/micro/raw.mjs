/** A store by the addon's raw functions alone (N1, N2), with as little JavaScript around them as is possible. */

const endKeyAt = 4_096
const pageBytes = 64 << 10
const pageRows = 1_000
/** Words of the state array: a scan's handle. */
const scanWord = 1
/** A scan without an end. */
const noEnd = 4
const failed = -3

/** The functions of `crate/node/src/raw.rs` on buffers of our own; nothing else in this process may use the addon. */
export async function openRaw(binding, folder) {
  const keys = Buffer.allocUnsafeSlow(2 * endKeyAt)
  const state = new Int32Array(new ArrayBuffer(64))
  const buffers = [keys, Buffer.allocUnsafeSlow(64 << 10), Buffer.allocUnsafeSlow(64 << 10), state]
  if (binding.register(...buffers) === failed) throw new Error('the addon refuses the buffers')
  const jobs = new Map()
  binding.connect((number, kind, value) => jobs.get(number)?.(kind, value))
  const answer = (number) =>
    new Promise((resolve, reject) => {
      jobs.set(number, (kind, value) =>
        kind === failed ? reject(new Error(binding.lastError().message)) : resolve(value),
      )
    })
  const options = { createIfMissing: false, errorIfExists: false, durability: 1, memoryBudget: 128 << 20 }
  const store = await answer(binding.open(folder, options))
  const namespace = binding.namespace(store, 'bench', '', '')
  const page = Buffer.allocUnsafeSlow(pageBytes)
  return {
    get: (name) => binding.get(namespace, keys.latin1Write(name, 0), 0),
    scan() {
      let count = binding.scan(namespace, 0, 0, 0, noEnd, page, pageRows)
      const handle = state[scanWord]
      while (state[scanWord] !== 0) {
        const rows = binding.scanNext(handle, page, pageRows)
        if (rows < 0) throw new Error(binding.lastError().message)
        count += rows
      }
      return count
    },
    close: () => answer(binding.close(store)),
  }
}
