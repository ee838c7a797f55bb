/** What the types of vectors accept and refuse; `tsc` checks it, nothing runs it. */
import { key, type SledStore, type Vectors } from '../../lib/index.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(answer: Same<A, B>): boolean => answer

export async function usage(store: SledStore): Promise<void> {
  interface Word {
    pos: 'noun' | 'verb'
    senses?: number
    glosses: string[]
  }
  const words = store.vectors<Word>('words', { dimensions: 2, metric: 'cosine' })
  await words.upsert('whale', [1, 2], { pos: 'noun', glosses: [] })
  await words.upsert('whale', new Float64Array(2))
  // @ts-expect-error an unknown attribute
  await words.upsert('whale', [1, 2], { pos: 'noun', glosses: [], sense: 3 })
  // @ts-expect-error keys are strings
  await words.upsert(7, [1, 2])
  // @ts-expect-error a vector is made of numbers
  await words.upsert('whale', ['1', '2'])

  const [first] = words.search({ vector: [1, 2], where: { pos: 'noun', senses: 3 } })
  same<string | undefined, typeof first extends infer M ? (M extends { id: infer I } ? I : undefined) : never>(true)
  same<Word | undefined, NonNullable<typeof first>['attributes']>(true)
  words.search({ vector: [1, 2], where: (attributes, id) => attributes?.pos === 'verb' || id.startsWith('a') })
  // @ts-expect-error no such part of speech
  words.search({ vector: [1, 2], where: { pos: 'adverb' } })
  // @ts-expect-error lists are not compared
  words.search({ vector: [1, 2], where: { glosses: ['a'] } })
  // @ts-expect-error a misspelled option
  words.search({ vector: [1, 2], max: 3 })
  // @ts-expect-error answers at once
  words.search({ vector: [1, 2], where: async () => true })

  const numbered = store.vectors('numbered', { dimensions: 2, metric: 'l2', key: key.number })
  numbered.has(7)
  numbered.search({ vector: [1, 2], keys: new Set([1, 2]), where: { anything: 'goes' } })
  // @ts-expect-error keys are numbers
  numbered.get('7')
  const pairs = store.vectors<object, readonly [string, number]>('pairs', {
    dimensions: 2,
    metric: 'dot',
    key: key.tuple(key.string, key.number),
  })
  pairs.has(['a', 1])
  await pairs.upsertMany([
    [
      ['a', 1],
      [1, 2],
    ],
  ])
  // @ts-expect-error no such metric
  store.vectors('other', { dimensions: 2, metric: 'jaccard' })
  same<Vectors<Word>, typeof words>(true)

  await store.transaction((tx) => {
    words.in(tx).upsert('a', [1, 2], { pos: 'verb', glosses: [] })
    // @ts-expect-error a transaction's index writes into the transaction
    words.in(tx).upsert('a', [1, 2], { pos: 'verb', glosses: [] }, { durability: 'os' })
  })
  // @ts-expect-error a snapshot is only read
  words.at(store.snapshot()).upsert('a', [1, 2])
}

export function declared(store: SledStore): void {
  interface Photo {
    year?: number
    place: string | null
    taken: Date
    tags: string[]
  }
  const options = { dimensions: 2, metric: 'l2' } as const
  store.vectors<Photo>('a', { ...options, attributes: { year: 'number', place: 'string', taken: 'any', tags: 'any' } })
  store.vectors('b', { ...options, attributes: { anything: 'bytes' } })
  // @ts-expect-error years are numbers
  store.vectors<Photo>('a', { ...options, attributes: { year: 'string', place: 'string', taken: 'date', tags: 'any' } })
  // @ts-expect-error one is missing
  store.vectors<Photo>('a', { ...options, attributes: { year: 'number', place: 'string', taken: 'date' } })
  // @ts-expect-error no such type
  store.vectors('b', { ...options, attributes: { anything: 'integer' } })
}

export async function elements(store: SledStore): Promise<void> {
  const bytes = store.vectors('bytes', { dimensions: 2, metric: 'l2', element: 'i8', model: 'm' })
  same<
    Int8Array | undefined,
    ReturnType<typeof bytes.get> extends infer S ? (S extends { vector: infer V } ? V : undefined) : never
  >(true)
  await bytes.upsert('a', Int8Array.of(1, 2))
  await bytes.upsert('a', [1, 2])
  // @ts-expect-error bits are no whole numbers
  await bytes.upsert('a', Uint8Array.of(1))
  const floats = store.vectors('floats', { dimensions: 2, metric: 'l2' })
  // @ts-expect-error floats are no bytes
  await floats.upsert('a', Int8Array.of(1, 2))
  const bits = store.vectors<{ pos: 'noun' }, string, 'binary'>('bits', {
    dimensions: 8,
    metric: 'hamming',
    element: 'binary',
  })
  bits.search({ vector: Uint8Array.of(3), where: { pos: 'noun' }, model: 'm' })
  // @ts-expect-error no such element
  store.vectors('other', { dimensions: 2, metric: 'l2', element: 'f64' })
}
