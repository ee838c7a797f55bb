'use strict'

/** Names of the addon's builds, for the loader and for the repository's scripts. */

const { closeSync, openSync, readSync } = require('node:fs')

/** How much of a program is read for its loader's name, which the linkers put near the front. */
const HEAD_BYTES = 4096

/** The C library this process runs on, on Linux: `glibc` or `musl`. A system may have both; the process has one. */
function libc() {
  return libcOfProgram() ?? libcOfReport()
}

/** From the dynamic loader that the program names (`/lib/ld-musl-x86_64.so.1`, `/lib64/ld-linux-x86-64.so.2`). */
function libcOfProgram() {
  try {
    const head = Buffer.alloc(HEAD_BYTES)
    const file = openSync(process.execPath, 'r')
    try {
      readSync(file, head, 0, HEAD_BYTES, 0)
    } finally {
      closeSync(file)
    }
    if (head.includes('/ld-musl-')) return 'musl'
    return head.includes('/ld-linux') ? 'glibc' : undefined
  } catch {
    return undefined // the permission model may refuse the read
  }
}

/** Node's own report, which takes some milliseconds, names the glibc it was started with, and none on musl. */
function libcOfReport() {
  if (process.report === undefined) return 'glibc'
  process.report.excludeNetwork = true
  const report = process.report.getReport()
  const { header } = typeof report === 'string' ? JSON.parse(report) : report
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

/** What the kinds of a system's C library and calling convention are called, by the system. */
function kind(platform, arch) {
  if (platform === 'win32') return '-msvc'
  if (platform !== 'linux') return ''
  const name = libc() === 'musl' ? 'musl' : 'gnu'
  return arch === 'arm' ? `-${name}eabihf` : `-${name}`
}

/** The build for this machine, as platform packages are named: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
function platformName() {
  const { platform, arch } = process
  return `${platform}-${arch}${kind(platform, arch)}`
}

/** File name of the addon, in a checkout and in its package. */
function addonFileName(name = platformName()) {
  return `sledstore.${name}.node`
}

/** Name of a platform's package. */
function packageName(name = platformName()) {
  return `sledstore-${name}`
}

module.exports = { addonFileName, libc, packageName, platformName }
