/** Processes that a suite measures in. */

import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { nodePath } from './nodes.mjs'

/** Runs something; that it was broken off is thrown, any other failure is an outcome. */
export async function attempt(signal, action) {
  try {
    return { answer: await action() }
  } catch (error) {
    // Ctrl-C reaches every process of a terminal, and this one may hear of the child's end first.
    if (error.signal === 'SIGINT') await pause(200)
    signal.throwIfAborted()
    const said = /^\w*(?:Error|Answer)\b.*$/m.exec(error.stderr ?? '')?.[0]
    return { error: said ?? (error.killed ? 'took too long' : (error.signal ?? error.message)) }
  }
}

/**
 * Runs a job in a process of its own, and gives what its last line says.
 *
 * @param {string} script takes the job as JSON in its argument
 * @param {object} job
 * @param {object} options
 * @param {20 | 24} options.node
 * @param {Record<string, string>} [options.env]
 * @param {number} options.timeout
 * @param {boolean} [options.oneCore] whether the process and all its threads are kept on one core
 * @param {AbortSignal} options.signal
 */
export async function runChild(script, job, { node, env, timeout, oneCore = false, signal }) {
  const command = [nodePath(node), '--expose-gc', script, JSON.stringify(job)]
  const [program, ...parameters] = oneCore ? ['taskset', '--cpu-list', '0', ...command] : command
  const { stdout } = await promisify(execFile)(program, parameters, {
    timeout,
    maxBuffer: 1 << 24,
    env: { ...process.env, ...env },
    killSignal: 'SIGKILL',
    signal,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}
