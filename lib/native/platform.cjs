'use strict'

/** Names of the addon's builds, for the loader and for the repository's set-up. */

const { readFileSync } = require('node:fs')

/** Whether this Linux runs musl instead of glibc. */
function isMusl() {
  try {
    return readFileSync('/usr/bin/ldd', 'utf8').includes('musl')
  } catch {
    // No ldd to read: Node's own report names the glibc it was started with, and none on musl.
    if (process.report === undefined) return false
    process.report.excludeNetwork = true
    const report = process.report.getReport()
    return (typeof report === 'string' ? JSON.parse(report) : report).header.glibcVersionRuntime === undefined
  }
}

/** The build for this machine, as platform packages are named: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
function platformName() {
  const { platform, arch } = process
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`
  if (platform === 'win32') return `win32-${arch}-msvc`
  return `${platform}-${arch}`
}

/** File name of the addon built in a checkout. */
function addonFileName() {
  return `sledstore.${platformName()}.node`
}

module.exports = { platformName, addonFileName }
