/** What is killed through the addon is checked: a row that a broken store would lose or change is found. */

import { expect, it } from 'vitest'
import { SledStore, codec, key } from '../../lib/index.js'
import { mkdirSync } from 'node:fs'
import { freshFolders } from '../helpers/folder.js'

const fresh = freshFolders()
const script = new URL('kill/killer.mjs', import.meta.url).href

interface Killer {
  readonly store: string
  kill(seed: number, plan: object): Promise<Record<'lost' | 'wrong' | 'aborted' | 'hung', number>>
}

function folder(): string {
  const path = fresh()
  mkdirSync(path)
  return path
}

/** Kills a process, plants a fault in the store it leaves, and kills another one as it opens; gives the second report. */
async function killedAfter(fault: (store: SledStore) => Promise<unknown>) {
  const { NodeKiller } = (await import(script)) as { NodeKiller: new (folder: string, evidence: string) => Killer }
  const killer = new NodeKiller(folder(), folder())
  const plan = { phase: 'writing', level: 'full', acknowledged: 60, delay: 0 }
  expect(await killer.kill(1, plan)).toMatchObject({ lost: 0, wrong: 0, aborted: 0, hung: 0 })
  const store = await SledStore.open(killer.store, { profile: 'embedded' })
  await fault(store)
  await store.close()
  return killer.kill(2, { ...plan, phase: 'open' })
}

it('nothing is found in a sound store', async () => {
  expect(await killedAfter(async () => {})).toMatchObject({ lost: 0, wrong: 0, aborted: 0, hung: 0 })
})

it('a newest put that is missing is lost', async () => {
  const newestIsGone = async (store: SledStore) => {
    const rows = store.namespace('line', { key: key.number, value: codec.utf8() })
    await rows.delete(rows.count() - 1)
  }
  expect(await killedAfter(newestIsGone)).toMatchObject({ lost: 1, wrong: 0 })
})

it('a batch that is half there is wrong', async () => {
  const halfIsGone = (store: SledStore) => store.namespace('middle', { key: key.number }).clear()
  expect(await killedAfter(halfIsGone)).toMatchObject({ lost: 0, wrong: 1 })
})

it('a vector that is missing is wrong', async () => {
  const vectors = { dimensions: 4, metric: 'l2', key: key.number } as const
  expect(await killedAfter((store) => store.vectors('proof', vectors).clear())).toMatchObject({ lost: 0, wrong: 1 })
})

it('an item of queries that is missing or changed is wrong', async () => {
  for (const change of ['SET n.group = n.group + 1', 'DETACH DELETE n']) {
    const text = `MATCH (n:Item) WITH n LIMIT 1 ${change}`
    expect(await killedAfter((store) => store.graph('queried').query(text)), text).toMatchObject({ lost: 0, wrong: 1 })
  }
})
