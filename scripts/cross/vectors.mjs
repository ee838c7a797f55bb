/** A program of the exercise: finds near vectors, by each metric and with a filter, in a store that it fills or finds filled. */

import { SledStore, key } from 'sledstore'

const dimensions = 67 // no multiple of what a SIMD register holds

/** Numbers from -0.5 to 0.5, the same on every system. */
function numbers(seed) {
  let state = seed
  return Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  })
}

const store = await SledStore.open(process.argv[2])
for (const metric of ['cosine', 'dot', 'l2']) {
  const index = store.vectors(metric, { dimensions, metric, key: key.number })
  const before = index.count()
  await index.upsertMany(Array.from({ length: 500 }, (_, id) => [id, numbers(id + 1), { odd: id % 2 === 1 }]))
  console.log(metric, before, index.count())
  for (const where of [undefined, { odd: true }]) {
    const found = index.search({ vector: numbers(2_000), k: 5, where })
    console.log(found.map(({ id, distance }) => `${id}: ${distance.toFixed(4)}`).join(', '))
  }
}
await store.close()
