/** Keyv's own suite over the adapter: its API, values, namespaces and iterators, on a store in a folder. */

import suite, { keyvIteratorTests } from '@keyv/test-suite'
import { Keyv } from 'keyv'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SledStore } from 'sledstore'
import { KeyvSled } from 'sledstore/keyv'
import * as vitest from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'sledstore-keyv-'))
const store = await SledStore.open(folder)
vitest.afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** Forgets every second value, for the check to see that the suite looks. */
class Forgetful extends KeyvSled {
  #count = 0

  async set(...row) {
    return this.#count++ % 2 === 0 ? true : super.set(...row)
  }
}

const Adapter = process.env.SLEDSTORE_PLANTED === undefined ? KeyvSled : Forgetful
const adapter = () => new Adapter(store)
suite(vitest, Keyv, adapter)
keyvIteratorTests(vitest, Keyv, adapter)
