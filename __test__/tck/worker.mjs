/**
 * A process that runs scenarios one by one for run.mjs, so that an engine that hangs or dies takes one scenario with it.
 * Its arguments are the URL of the engine's module and the folder of the named graphs.
 */

import { NoEngine } from './engine.mjs'
import { tellError } from './query-error.mjs'
import { runScenario } from './scenario.mjs'

const [engineUrl, graphs] = process.argv.slice(2)
const send = (message) => new Promise((done) => process.send(message, done))

/** @type {import('./engine.mjs').Engine} */
let engine

async function open() {
  const { openEngine } = await import(engineUrl)
  engine = await openEngine()
}

try {
  await open()
  await send({ ready: true })
} catch (error) {
  await send(error instanceof NoEngine ? { absent: error.message } : { broken: tellError(error) })
  process.exit(1)
}

process.on('disconnect', () => process.exit(0))
process.on('message', async (scenario) => {
  if (scenario !== null) {
    await send({ done: true, failure: await runScenario(scenario, engine, graphs) })
    return
  }
  try {
    await engine.close()
    await send({ closed: true })
  } catch (error) {
    await send({ broken: tellError(error) })
  }
  process.disconnect()
})
