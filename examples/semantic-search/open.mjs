/** What the two programs agree on: the store, the vectors of words, and those of the articles with what is shown of them. */

import { fileURLToPath } from 'node:url'
import { codec, key, SledStore } from 'sledstore'
import { dimensions } from './embed.mjs'

export const folder = process.env.DATA ?? fileURLToPath(new URL('data', import.meta.url))

/** @param {import('sledstore').StoreOptions} [options] */
export async function openSearch(options) {
  const store = await SledStore.open(folder, options)
  return {
    store,
    words: store.namespace('words', { key: key.string, value: codec.vector(dimensions) }),
    articles: store.vectors('articles', { dimensions, metric: 'cosine', key: key.number }),
  }
}
