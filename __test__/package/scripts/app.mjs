/** What the bundlers bundle: keeps a row and says what came of it: `app.mjs <folder>`. */

import { codec, SledStore, SledStoreError } from 'sledstore'

async function main() {
  const store = await SledStore.open(process.argv[2])
  const rows = store.namespace('rows', { value: codec.json() })
  await rows.put('ann', { age: 34 })
  const found = rows.get('ann')
  const refused = await SledStore.open(process.argv[2], { errorIfExists: true }).catch((error) => error)
  console.log(JSON.stringify({ found, coded: refused instanceof SledStoreError }))
  await store.close()
}

void main()
