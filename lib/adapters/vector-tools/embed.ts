/** Vectors of texts by a function of the caller's, kept in the store, so that no text is computed twice. */
import { createHash } from 'node:crypto'
import { codec, SledStoreError, type SledStore } from 'sledstore'
import { checkWhole } from './shared.js'

/** How texts become vectors. */
export interface EmbedderOptions {
  /** Gives a vector for each text, in their order. */
  readonly embed: (texts: string[]) => Promise<readonly Float32Array[]>
  readonly dimensions: number
  /** Names what computes the vectors: another model has other ones. */
  readonly model: string
  /** At most so many texts are given to `embed` at once. Default: 64. */
  readonly batch?: number
  /** Name of the namespace that keeps the vectors. Default: `embeddings`. */
  readonly name?: string
}

/** Gives vectors of texts. */
export type Embedder = (texts: Iterable<string>) => Promise<Float32Array[]>

/**
 * Makes a function from texts to vectors that asks `embed` for what the store does not hold yet, each different text once.
 * What `embed` has answered is kept, also when a later call of it fails.
 *
 * @example
 * ```ts
 * const embed = embedder(store, { embed: model.embed, dimensions: 384, model: 'all-MiniLM-L6-v2' })
 * const [vector] = await embed(['a large animal of the sea'])
 * ```
 */
export function embedder(store: SledStore, options: EmbedderOptions): Embedder {
  const { embed, dimensions, model, name = 'embeddings' } = options
  const batch = checkWhole('batch', options.batch ?? 64, 1)
  const kept = store.namespace(`${name}:${model}:${dimensions}`, { value: codec.vector(dimensions) })
  return async (texts) => {
    const list = [...texts]
    const hashes = list.map((text) => createHash('sha256').update(text).digest('base64url'))
    const vectors = new Map<string, Float32Array>()
    const missing = new Map<string, string>()
    hashes.forEach((hash, at) => {
      if (vectors.has(hash) || missing.has(hash)) return
      const found = kept.get(hash)
      if (found === undefined) missing.set(hash, list[at] as string)
      else vectors.set(hash, found)
    })
    const wanted = [...missing]
    for (let from = 0; from < wanted.length; from += batch) {
      const some = wanted.slice(from, from + batch)
      const made = await embed(some.map(([, text]) => text))
      if (made.length !== some.length) throw wrongCount(some.length, made.length)
      await store.transaction((transaction) => some.forEach(([hash], at) => transaction.put(kept, hash, made[at]!)))
      some.forEach(([hash], at) => vectors.set(hash, Float32Array.from(made[at]!)))
    }
    return hashes.map((hash) => vectors.get(hash)!)
  }
}

function wrongCount(asked: number, given: number): SledStoreError {
  return new SledStoreError(
    'INVALID_ARGUMENT',
    `embed was given ${asked} texts and gave ${given} vectors; it gives one each`,
  )
}
