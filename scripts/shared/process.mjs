/** Runs commands: quiet while they succeed, whole when they fail. */

import { spawn } from 'node:child_process'
import { killGroupAfter } from './deadline.mjs'
import { root } from './project.mjs'

/**
 * Runs a command to its end and keeps what it prints: `output` is both streams as they came, `stdout` one of them.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, input?: string, minutesMax?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string, seconds: number }>} `code` is 127 when there is no such command
 */
export function run(command, parameters, options = {}) {
  const started = performance.now()
  const child = spawn(command, parameters, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    detached: options.minutesMax !== undefined && process.platform !== 'win32',
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.on('error', () => {}).end(options.input) // a child that ends early says so by its exit code
  const cancelDeadline = killGroupAfter(child, options.minutesMax, options.signal)
  const chunks = []
  const answers = []
  child.stdout.on('data', (chunk) => {
    chunks.push(chunk)
    answers.push(chunk)
  })
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  return new Promise((done) => {
    const finish = (code, note = '') => {
      cancelDeadline()
      const output = Buffer.concat(chunks).toString('utf8') + note
      const stdout = Buffer.concat(answers).toString('utf8')
      done({ code, output, stdout, seconds: (performance.now() - started) / 1000 })
    }
    child.on('error', (error) => finish(error.code === 'ENOENT' ? 127 : 126, `${error.message}\n`))
    child.on('close', (code, signal) => finish(code ?? 128, signal === null ? '' : `\nended by ${signal}\n`))
  })
}

/** The same through npm, also where npm is a script that only a shell starts. */
export function npm(parameters, options) {
  const entry = process.env.npm_execpath
  if (entry?.endsWith('.js')) return run(process.execPath, [entry, ...parameters], options)
  return process.platform === 'win32'
    ? run('cmd', ['/c', 'npm', ...parameters], options)
    : run('npm', parameters, options)
}

/** A tool of the root's devDependencies, started by Node itself so that no shell is needed. */
export function tool(path, parameters, options) {
  return run(process.execPath, [`${root}/node_modules/${path}`, ...parameters], options)
}

/** Seconds as the scripts print them. */
export function inSeconds(seconds) {
  return `${seconds.toFixed(1)} s`
}
