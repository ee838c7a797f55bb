/** process.exit at a random moment of writing loses nothing that was answered, at any level. */
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()
const seed = Number(process.env['SLEDSTORE_SEED'] ?? Date.now() % 1_000_000)
console.log(`SLEDSTORE_SEED=${seed}`)
const delays = [0, 1, 2].map((round) => 20 + ((seed * 31 + round * 97) % 150))

const script = `
  const [path, durability, delay] = process.argv.slice(1)
  const store = await SledStore.open(path, { durability, tuning: { memtableBytes: 100_000 } })
  const rows = store.namespace('rows', { value: codec.bytes() })
  const say = i => require('node:fs').writeSync(1, i + '\\n')
  setTimeout(() => process.exit(3), Number(delay))
  for (let i = 0; ; i++) {
    const value = Buffer.alloc(i % 50 === 0 ? 100_000 : 200, i)
    if (i % 3 === 0) rows.putSync('key' + i, value)
    else await rows.put('key' + i, value)
    say(i)
    rows.put('unanswered' + i, value)
    if (i % 10 === 0) await new Promise(resolve => setImmediate(resolve))
  }`

it.each((['full', 'os', 'none'] as const).flatMap((level) => delays.map((delay) => [level, delay] as const)))(
  'at level %s, after %i ms',
  async (level, delay) => {
    const path = folder()
    const ended = await runScript(script, { arguments: [path, level, String(delay)] })
    expect(ended).toMatchObject({ code: 3, signal: null })
    const answered = ended.output.split('\n').filter(Boolean).map(Number)
    const store = await SledStore.open(path)
    const rows = store.namespace('rows', { value: codec.bytes() })
    expect(answered.filter((i) => rows.get(`key${i}`)?.[0] !== (i & 0xff))).toEqual([])
    expect((await store.verify()).findings).toEqual([])
    await store.close()
  },
)
