/** The runtimes that npm packages bring, each of an exact version, for the checks that run on more than one. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { platformName } = createRequire(import.meta.url)('../../../lib/native/platform.cjs')
const packages = fileURLToPath(new URL('../node_modules', import.meta.url))

/** Majors of Node that SledStore runs on. */
export const nodeMajors = [18, 20, 22, 24, 26]

/**
 * @typedef {object} Runtime
 * @property {string} name such as `Node 24`
 * @property {string} version
 * @property {string} binary
 * @property {(script: string, flags?: string[]) => string[]} parametersFor what runs a script file
 */

/** @returns {Runtime} a Node of this major */
export function node(major) {
  const parametersFor = (script, flags = []) => [...flags, script]
  return runtime(`Node ${major}`, `node-${major}`, 'bin/node', parametersFor)
}

/** @returns {Runtime} */
export function bun() {
  return runtime('Bun', '@oven/bun-linux-x64', 'bin/bun', (script, flags = []) => [...flags, 'run', script])
}

/** @returns {Runtime} Deno with the permissions that a store needs; `--allow-ffi` is what lets it load an addon. */
export function deno() {
  const needed = ['--allow-read', '--allow-write', '--allow-env', '--allow-sys', '--allow-ffi', '--no-prompt']
  return runtime('Deno', '@deno/linux-x64-glibc', 'deno', (script, flags = needed) => ['run', ...flags, script])
}

/** Whether this machine is of the one platform that npm has all of them for. */
export const areHere = platformName() === 'linux-x64-gnu'

/** Every runtime. */
export function runtimes() {
  return [...nodeMajors.map(node), bun(), deno()]
}

function runtime(name, folder, binary, parametersFor) {
  const home = join(packages, folder)
  const manifest = join(home, 'package.json')
  const version = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'missing'
  return { name, version, binary: join(home, binary), parametersFor }
}
