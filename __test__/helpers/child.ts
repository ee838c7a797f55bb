import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../dist/index.cjs', import.meta.url))

/** How a child process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/**
 * Runs a script in a Node process of its own; `sledstore` stands for the built package. `around` is a shell command
 * that ends in `exec "$@"`, where the process needs a special surrounding.
 */
export function runScript(
  script: string,
  { arguments: args = [] as string[], flags = [] as string[], around = '' } = {},
): Promise<Ended> {
  const prelude = `const { SledStore, codec, key, SledStoreError } = require(${JSON.stringify(dist)});\n`
  const body = `${prelude}(async () => {\n${script}\n})().catch(error => { console.error(error); process.exitCode = 99 })`
  const command = [process.execPath, ...flags, '-e', body, '--', ...args]
  const [program, ...rest] = around === '' ? command : ['bash', '-c', around, 'bash', ...command]
  return new Promise((resolve, reject) => {
    const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })
}
