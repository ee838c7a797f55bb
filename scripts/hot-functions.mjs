/**
 * Finds the functions of the addon that small programs run, and writes their names for the linker to lay side by side
 * (crate/node/build.rs). The programs are those of `npm run bench -- memory`, run under valgrind's callgrind on an
 * addon with symbols.
 *
 *   node scripts/hot-functions.mjs
 */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setup } from './shared/prepare.mjs'
import { run } from './shared/process.mjs'
import { root } from './shared/project.mjs'

const listPath = join(root, 'crate', 'node', 'hot-functions.txt')
const target = join(root, 'target', 'hot-functions')

/** Enough rows that memtables freeze, checkpoints split blocks and reads page in; the second puts overwrite. */
const programs = [
  { rows: 3_000, steps: ['put'] },
  { rows: 3_000, steps: ['put'] },
  { rows: 3_000, steps: ['read'] },
  { rows: 10_000, steps: ['batch', 'read'] },
]

/**
 * What one run does not show: functions that only another processor runs, or threads that meet; and those that run
 * before valgrind sees the addon, or have no name of Rust's.
 */
const always = [
  'napi_register_module_v1',
  '*__napi_register__*',
  '*crc32fast*specialized*',
  '*parking_lot*slow*',
  '*word_lock*',
  '*lock_contended*',
]

/**
 * A mangled name as it is in every build: without the hash of a compilation, the id of a crate's copy, and what the
 * optimizer appends. Undefined for a name that is not Rust's.
 */
export function stableName(name) {
  const legacy = /^(_ZN.*17h)[0-9a-f]{16}E/.exec(name)
  if (legacy) return `${legacy[1]}*`
  if (!/^_R[A-Z]/.test(name)) return undefined
  return `${name.replace(/\.(llvm\.)?\d+$/, '').replace(/Cs[0-9A-Za-z]+_/g, 'Cs*_')}*`
}

async function succeed(what, running) {
  const { code, output } = await running
  if (code === 127) throw new Error(`${what}: valgrind is missing; on Debian run "apt-get install valgrind"`)
  if (code !== 0) throw new Error(`${what} failed\n${output}`)
}

async function functionsOf(program, folder, place) {
  const profile = join(folder, 'callgrind.out')
  const job = { engine: 'sledstore', profile: 'embedded', folder: join(folder, place), ...program }
  // V8 writes code while it runs, which valgrind has to be told; without its compilers it writes little.
  const options = ['--tool=callgrind', '--smc-check=all-non-file', '--demangle=no', `--callgrind-out-file=${profile}`]
  const command = [...options, process.execPath, '--jitless', 'bench/suites/memory-child.mjs', JSON.stringify(job)]
  const env = { NAPI_RS_NATIVE_LIBRARY_PATH: join(folder, 'addon.node') }
  await succeed(program.steps.join(', '), run('valgrind', command, { env }))
  const names = [...readFileSync(profile, 'utf8').matchAll(/^c?fn=\(\d+\) ([^'\s]+)/gm)]
  // The names that register a function count lines and change with each.
  const kept = names.filter(([, name]) => !name.includes('__napi_register__'))
  return kept.map(([, name]) => stableName(name)).filter((name) => name !== undefined)
}

async function main() {
  await setup({ with: ['bench'] })
  const env = { CARGO_TARGET_DIR: target, CARGO_PROFILE_RELEASE_STRIP: 'none' }
  await succeed('cargo', run('cargo', ['build', '--locked', '-p', 'sledstore-node', '--release'], { env }))
  const folder = mkdtempSync(join(tmpdir(), 'sledstore-hot-'))
  try {
    copyFileSync(join(target, 'release', 'libsledstore_node.so'), join(folder, 'addon.node'))
    const found = new Set(always)
    for (const program of programs) {
      // The program that only reads finds what the one before it wrote.
      const place = program.steps.includes('batch') ? 'both' : 'apart'
      for (const name of await functionsOf(program, folder, place)) found.add(name)
    }
    writeFileSync(listPath, `${[...found].toSorted().join('\n')}\n`)
    console.log(`${found.size} names in crate/node/hot-functions.txt; build the addon again`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
