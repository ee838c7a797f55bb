/**
 * One check of the package in a process of its own: `node package-check-child.mjs <check> <folder> <answer>`. Its answer
 * goes to a file, so that whatever the check prints stays free text.
 */

import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { run } from './process.mjs'
import { root } from './project.mjs'

const [file, folder, answerPath] = process.argv.slice(2)

class Skipped extends Error {}

/**
 * Runs a command and throws, with all it printed, when its exit code is not among `codes` (0 alone when not given).
 * It stays in this process's group, so that the check's deadline ends it too.
 */
async function runOrThrow(command, parameters, { codes = [0], minutesMax: _one, ...options } = {}) {
  const result = await run(command, parameters, options)
  if (codes.includes(result.code)) return result
  throw new Error(`${[command, ...parameters].join(' ')}\nended with ${result.code}\n${result.output}`)
}

const context = {
  root,
  folder,
  run: runOrThrow,
  skip(reason) {
    throw new Skipped(reason)
  },
}

async function answer() {
  try {
    const { check } = await import(pathToFileURL(file).href)
    return { result: await check(context) }
  } catch (error) {
    if (error instanceof Skipped) return { skipped: error.message }
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

writeFileSync(answerPath, JSON.stringify(await answer()))
process.exit()
