/** Building: all vectors with their attributes, until nothing is pending and all is durable. */

const common = {
  metric: 'build',
  needs: [],
  store: 'empty',
  writes: true,
  arrays: ['rows', 'attributes'],
  rounds: 1,
  async run({ store, shape, entryOf }) {
    function* entries() {
      for (let row = 0; row < shape.rows; row++) yield entryOf(row)
    }
    const started = performance.now()
    await store.insert(entries())
    await store.settle()
    const seconds = (performance.now() - started) / 1000
    return { metrics: { build: seconds, throughput: shape.rows / seconds } }
  },
}

/** @type {import('./index.mjs').VectorWorkload[]} */
export const build = [
  { ...common, name: 'build', title: 'insert every row, on one core', threads: 1, oneCore: true },
  { ...common, name: 'build-two', title: 'insert every row, with two threads', threads: 2 },
]
