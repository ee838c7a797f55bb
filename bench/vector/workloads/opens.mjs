/** Opening: a new process, the addon already loaded, the page cache warm, up to the first answer. */

const width = 80

/** @type {import('./index.mjs').VectorWorkload} */
export const open = {
  name: 'open',
  title: 'open a store that was closed, and find the nearest to one vector',
  metric: 'open',
  needs: [],
  store: 'loaded',
  writes: true, // what opening changes must not help the next round
  opens: true,
  threads: 2,
  arrays: ['queries'],
  async run({ reopen, queries, widths, k }) {
    const started = performance.now()
    const store = await reopen()
    const found = Array.from(await store.search(queries[0], k, widths?.at(-1) ?? width))
    const milliseconds = performance.now() - started
    if (found.length !== k) throw new Error(`found ${found.length} of ${k}`)
    return { metrics: { open: milliseconds } }
  },
}
