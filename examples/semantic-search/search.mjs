/** Finds articles by what they are about: `node search.mjs "my jacket was torn" [topic]`. */

import { embed } from './embed.mjs'
import { openSearch } from './open.mjs'

const [question = '', topic] = process.argv.slice(2)
const { store, words, articles } = await openSearch({ createIfMissing: false })

const vector = embed(words, question)
if (vector === undefined) console.log('no word of the question is known')
else {
  const found = articles.search({ vector, k: 3, where: topic === undefined ? undefined : { topic } })
  for (const { distance, attributes } of found) console.log(`${distance.toFixed(2)} ${attributes.title}`)
}
await store.close()
