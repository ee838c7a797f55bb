/** Opening: a new process, the addon already loaded, the page cache warm, up to the first value read. */

function opens(name, title, store) {
  return {
    name,
    title,
    metric: 'open',
    needs: ['get'],
    store,
    writes: true, // what opening changes must not help the next round
    opens: true,
    quick: store === 'string',
    large: true,
    make: ({ keys, rows }) => keys.at(rows >> 1),
    async run({ open, values }, name) {
      const started = performance.now()
      const opened = await open()
      const value = opened.get(name)
      const milliseconds = performance.now() - started
      if (value === undefined || values.weigh(value) !== values.weight)
        throw new Error('the first row read is not there')
      return { open: milliseconds }
    },
  }
}

export const openings = [
  opens('open-clean', 'open a store that was closed, and read one row', 'string'),
  opens(
    'open-killed',
    'open a store whose process was killed while it overwrote a tenth of the rows, and read one',
    'killed',
  ),
]
