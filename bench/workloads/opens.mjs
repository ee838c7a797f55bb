/** Opening: a new process, the addon already loaded, the page cache warm, up to the first value read. */

export const openClean = {
  name: 'open-clean',
  title: 'open a store that was closed, and read one row',
  metric: 'open',
  needs: ['get'],
  starts: 'loaded',
  quick: true,
  opens: true,
  async run({ open, keys, rows, values }) {
    const started = performance.now()
    const store = await open()
    const value = store.get(keys[rows >> 1])
    const milliseconds = performance.now() - started
    if (value?.length !== values.valueBytes) throw new Error('the first row read is not there')
    return { open: milliseconds }
  },
}
