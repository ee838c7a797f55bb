import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { SledStore } from '../../lib/store.js'
import { openReference } from '../helpers/reference-store.js'
import { cases } from './cases.js'
import type { Subject } from './subject.js'

const small = { memtableBytes: 64 << 10, blockBytes: 512 }

const subjects: [name: string, open: (folder: string) => Promise<Subject>][] = [
  ['the reference', openReference],
  ['a store in a folder', (folder) => SledStore.open(folder)],
  ['a store in memory', async () => SledStore.memory()],
  [
    'a store of small blocks',
    (folder) => SledStore.open(folder, { profile: 'embedded', durability: 'os', tuning: small }),
  ],
]

describe.each(subjects)('%s', (_name, open) => {
  it.each(cases)('$name', async ({ run }) => {
    const folder = mkdtempSync(join(tmpdir(), 'sledstore-'))
    const store = await open(join(folder, 'store'))
    try {
      await run(store)
    } finally {
      await store.close()
      rmSync(folder, { recursive: true })
    }
  })
})
