/** Vectors of texts by a function of the caller's, kept in the store, so that no text is computed twice. */
import { createHash } from 'node:crypto'
import { codec, type SledStore } from 'sledstore'
import { checkWhole, invalid } from './shared.js'

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
  // What is being made, by hash, for others that want the same meanwhile.
  const underWay = new Map<string, Promise<Float32Array>>()
  const make = async (some: readonly (readonly [string, string])[]): Promise<Float32Array[]> => {
    const made = await embed(some.map(([, text]) => text))
    if (!Array.isArray(made)) throw invalid(`embed gave ${typeof made}; it gives an array with a vector for each text`)
    if (made.length !== some.length)
      throw invalid(`embed was given ${some.length} texts and gave ${made.length} vectors; it gives one each`)
    const rows = made.map((vector) => Float32Array.from(vector))
    await store.transaction((transaction) => some.forEach(([hash], at) => transaction.put(kept, hash, rows[at]!)))
    return rows
  }
  return async (texts) => {
    if (typeof texts === 'string') throw invalid('texts are an array or another iterable; give [text] for one')
    const list = [...texts]
    const hashes = list.map(hashOf)
    const vectors = new Map<string, Float32Array>()
    const missing = new Map<string, string>()
    hashes.forEach((hash, at) => {
      if (vectors.has(hash) || missing.has(hash)) return
      const found = kept.get(hash)
      if (found === undefined) missing.set(hash, list[at] as string)
      else vectors.set(hash, found)
    })
    const others = [...missing.keys()].flatMap((hash) => {
      const other = underWay.get(hash)
      if (other !== undefined) missing.delete(hash)
      return other === undefined ? [] : [other.then((vector) => vectors.set(hash, vector))]
    })
    const ours = [...missing]
    const all: Promise<Float32Array[]>[] = []
    let before: Promise<unknown> = Promise.resolve()
    for (let from = 0; from < ours.length; from += batch) {
      const some = ours.slice(from, from + batch)
      const made = before.then(() => make(some))
      all.push(made)
      before = made
      some.forEach(([hash], at) => {
        const one = made.then((rows) => rows[at]!)
        // Whoever waits for it hears of a failure.
        one.then((vector) => vectors.set(hash, vector)).catch(() => {})
        underWay.set(hash, one)
        one.catch(() => {}).finally(() => underWay.delete(hash))
      })
    }
    await Promise.all([...all, ...others])
    return hashes.map((hash) => vectors.get(hash)!)
  }
}

/** Of the text's 16-bit units where it is no Unicode text, for half a surrogate pair has no bytes of its own in UTF-8. */
function hashOf(text: string): string {
  if (typeof text !== 'string') throw invalid(`a text is a string, not ${typeof text}`)
  const isText = !/\p{Surrogate}/u.test(text)
  const hash = createHash('sha256').update(text, isText ? 'utf8' : 'utf16le')
  return hash.digest('base64url') + (isText ? '' : '.')
}
