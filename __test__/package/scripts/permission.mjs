/** Opens a store, publishes it beside its folder, and says what came of it: `permission.mjs <dist> <folder>`. */

import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, folder] = process.argv.slice(2)

async function outcome() {
  try {
    const { SledStore } = await import(pathToFileURL(join(dist, 'index.js')).href)
    const store = await SledStore.open(folder)
    const rows = store.namespace('rows')
    await rows.put('ann', 34)
    const found = rows.get('ann')
    const beside = await store.publish(join(dirname(folder), 'published')).then(
      () => 'written',
      ({ code }) => code,
    )
    await store.close()
    return { found, beside }
  } catch ({ name, code, message }) {
    return { name, code, message }
  }
}

console.log(JSON.stringify(await outcome()))
