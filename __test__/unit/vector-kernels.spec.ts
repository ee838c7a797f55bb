import { expect, it } from 'vitest'
import { runScript } from '../helpers/child.js'

const script = `
const store = await SledStore.memory()
const answers = {}
for (const metric of ['cosine', 'dot', 'l2']) {
  const index = store.vectors(metric, { dimensions: 101, metric })
  let state = 1
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1
  const vector = () => Float32Array.from({ length: 101 }, next)
  await index.upsertMany(Array.from({ length: 500 }, (_, n) => [String(n), vector()]))
  answers[metric] = index.search({ vector: vector(), k: 25 }).map(({ id, distance }) => [id, distance])
}
await store.close()
console.log(JSON.stringify(answers))
`

type Answers = Record<string, [id: string, distance: number][]>

async function answersOf(kernel: string): Promise<Answers | undefined> {
  const { code, output } = await runScript(script, { around: `export SLEDSTORE_VECTOR_KERNEL=${kernel}; exec "$@"` })
  if (code !== 0) expect(output).toContain('INVALID_ARGUMENT')
  return code === 0 ? (JSON.parse(output) as Answers) : undefined
}

it('every kernel that can be forced on this processor finds the same', async () => {
  const scalar = await answersOf('scalar')
  expect(scalar).toBeDefined()
  const fastest = process.arch === 'arm64' ? ['neon'] : ['avx2', 'avx512']
  const others = await Promise.all([...fastest, '""'].map(answersOf))
  for (const answers of others) {
    for (const [metric, matches] of Object.entries(answers ?? {})) {
      // Each sums in an order of its own: what is as good as equally near may change places, but for the last one.
      const known = new Set(scalar![metric]!.map(([id]) => id))
      expect(matches.filter(([id]) => known.has(id)).length).toBeGreaterThanOrEqual(known.size - 1)
      for (const [at, [, distance]] of matches.entries()) expect(distance).toBeCloseTo(scalar![metric]![at]![1], 4)
    }
  }
})

it('an unknown kernel is refused by name', async () => {
  expect(await answersOf('mmx')).toBeUndefined()
})
