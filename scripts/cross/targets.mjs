/**
 * The systems that can be built for from Debian on x64, and with what. `addon` is the platform of lib/native/targets.cjs;
 * `apt` is what building needs; `runner` names the entry of runners.mjs that executes the result, `emulator` what that needs
 * of apt. One without a runner is only linked here, which says nothing of whether it works.
 */

import { join } from 'node:path'
import { targets } from '../shared/packages.mjs'
import { windowsLibrary } from './runners.mjs'
import { home } from './toolchain.mjs'

/**
 * @typedef {object} CrossTarget
 * @property {string} addon
 * @property {string} rust
 * @property {'gcc' | 'zig'} linker
 * @property {string} [gcc] the linker's program
 * @property {string[]} [apt]
 * @property {string[]} [emulator]
 * @property {Record<string, string>} [env]
 * @property {() => Promise<void>} [prepare] what else is to be done before it can be built
 * @property {string} [runner]
 * @property {{ parameters: string[], under: string }} [tests] tests of Rust that are run there, too
 * @property {string} [note]
 */

/** Rust links musl statically unless it is told not to, and what is static cannot be loaded by Node. */
const dynamic = { RUSTFLAGS: '-C target-feature=-crt-static' }
/** Symbols are stripped by the linkers named here; for Apple's format rustc wants a tool that Debian's has not. */
const unstripped = { CARGO_PROFILE_RELEASE_STRIP: 'none' }

const libnode = join(home, 'libnode')

function zig(addon, more = {}) {
  return { addon, rust: targets[addon].rust, linker: 'zig', ...more }
}

function gcc(addon, program, more = {}) {
  return { addon, rust: targets[addon].rust, linker: 'gcc', gcc: program, ...more }
}

/** @type {Record<string, CrossTarget>} */
export const crossTargets = {
  'linux-arm64-gnu': gcc('linux-arm64-gnu', 'aarch64-linux-gnu-gcc', {
    apt: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'],
    emulator: ['libstdc++6-arm64-cross', 'qemu-user-static'],
    runner: 'arm64',
    tests: {
      // NEON, which no test on x64 reaches.
      parameters: [
        '--package',
        'sledstore-vector',
        '--package',
        'sledstore-neighbor',
        '--test',
        'vectors',
        '--test',
        'graph',
        'kernel',
      ],
      under: 'qemu-aarch64-static -L /usr/aarch64-linux-gnu',
    },
  }),
  'linux-x64-musl': zig('linux-x64-musl', { env: dynamic, runner: 'musl' }),
  'linux-arm64-musl': zig('linux-arm64-musl', { env: dynamic, emulator: ['qemu-user-static'], runner: 'musl-arm64' }),
  'linux-arm-gnueabihf': gcc('linux-arm-gnueabihf', 'arm-linux-gnueabihf-gcc', {
    apt: ['gcc-arm-linux-gnueabihf', 'libc6-dev-armhf-cross'],
    emulator: ['libstdc++6-armhf-cross', 'qemu-user-static'],
    runner: 'armv7',
  }),
  'win32-x64-gnu': {
    addon: 'win32-x64-msvc',
    rust: 'x86_64-pc-windows-gnu',
    linker: 'gcc',
    gcc: 'x86_64-w64-mingw32-gcc',
    apt: ['gcc-mingw-w64-x86-64'],
    emulator: ['wine', 'wine64'],
    env: { LIBNODE_PATH: libnode },
    prepare: () => windowsLibrary(libnode),
    runner: 'wine',
    note: 'with mingw; what is published is built with MSVC',
  },
  'darwin-arm64': zig('darwin-arm64', { env: unstripped }),
  'darwin-x64': zig('darwin-x64', { env: unstripped }),
  'freebsd-x64': zig('freebsd-x64'),
}
