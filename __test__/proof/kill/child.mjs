/**
 * `node child.mjs live STORE LEVEL STEPS` writes through the built addon until it is killed, or closes after so many steps;
 * `node child.mjs check STORE` prints what a store holds, as JSON.
 */

import { writeSync } from 'node:fs'
import { SledStore, codec, key } from '../../../dist/index.js'
import { lanesOf } from './lanes.mjs'

const options = {
  profile: 'embedded',
  tuning: { memtableBytes: 64 << 10, blockBytes: 1_024 },
}

const say = (line) => writeSync(1, `${line}\n`)

async function live(path, level, steps) {
  const durability = level
  say('phase open')
  const store = await SledStore.open(path, { ...options, durability })
  const lanes = lanesOf(store, { codec, key })
  for (const lane of lanes) await lane.begin?.({ durability })
  say('phase writing')
  const written = { steps: 0 }
  const work = async ({ name, count, step }) => {
    for (let number = count(); written.steps < steps; number++) {
      say(`begin ${name} ${number}`)
      await step(number, { durability })
      say(`done ${name} ${number} ${level} -`)
      written.steps++
      // At level none a step takes no time, and the others and the pipe would get none.
      await new Promise((next) => setImmediate(next))
    }
  }
  const compact = async () => {
    let next = 10
    while (written.steps < steps) {
      await new Promise((soon) => setTimeout(soon, 1))
      if (written.steps < next) continue
      say('phase compact')
      await store.compact()
      say('phase writing')
      next = written.steps + 25
    }
  }
  await Promise.all([...lanes.map(work), compact()])
  say('phase close')
  await store.close()
  say('phase closed')
}

async function check(path) {
  const store = await SledStore.open(path, options)
  const found = {}
  const wrong = []
  for (const lane of lanesOf(store, { codec, key })) {
    const count = lane.count()
    found[lane.name] = count
    if (!(await lane.isRight(count))) wrong.push(`lane ${lane.name} is not what ${count} steps make`)
  }
  await store.compact()
  const { findings } = await store.verify()
  await store.close()
  say(JSON.stringify({ found, wrong: [...wrong, ...findings.map((finding) => `verify: ${JSON.stringify(finding)}`)] }))
}

const [what, path, level, steps] = process.argv.slice(2)
try {
  if (what === 'live') await live(path, level, Number(steps))
  else await check(path)
} catch (error) {
  say(`failed ${error.code ?? 'without a code'} ${error.message}`)
  throw error
}
