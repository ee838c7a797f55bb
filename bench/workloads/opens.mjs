/** Opening: a new process, the addon already loaded, the page cache warm, up to the first value read. */

import { lastKilled } from '../harness/killed.mjs'

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
    make: ({ keys, rows, seed }) => ({
      name: keys.at(rows >> 1),
      answered: store === 'killed' ? lastKilled({ rows, seed }).map(({ row, value }) => [keys.at(row), value]) : [],
    }),
    async run({ open, values }, { name, answered }) {
      const started = performance.now()
      const opened = await open()
      const value = opened.get(name)
      const milliseconds = performance.now() - started
      if (value === undefined || values.weigh(value) !== values.weight)
        throw new Error('the first row read is not there')
      const lost = answered.filter(([key, number]) => opened.get(key) !== values.at(number)).length
      if (lost > 0) throw new Error(`${lost} of the ${answered.length} rows answered last before the kill are lost`)
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
