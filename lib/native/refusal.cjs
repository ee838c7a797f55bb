'use strict'

/**
 * Says in one error why there is no addon here: what was detected, what was looked for, and the one thing to do. For
 * programs the error has `reason`, and `wanted`, the package or file that was looked for.
 */

const { existsSync, readFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { version } = require('../../package.json')
const { libc, packageName, platformName } = require('./platform.cjs')
const targets = require('./targets.cjs')

const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

function refusal(reason, wanted, message, cause) {
  const error = new Error(message, cause === undefined ? {} : { cause })
  return Object.assign(error, { code: 'UNSUPPORTED', reason, wanted })
}

function detected() {
  const { platform, arch, versions } = process
  return `${platform} ${arch}${platform === 'linux' ? ` with ${libc()}` : ''} (Node ${versions.node})`
}

/** The platform packages that lie in one of the folders. */
function installedPackages(folders) {
  const names = Object.keys(targets).map((name) => packageName(name))
  return names.filter((name) => folders.some((folder) => existsSync(join(folder, name))))
}

/** The lock file beside the nearest of the folders that has one, and whether it lists the package. */
function lockFileOf(folders, wanted) {
  for (const folder of folders) {
    for (const name of lockFiles) {
      const path = join(dirname(folder), name)
      try {
        return { path, lists: readFileSync(path, 'utf8').includes(wanted) }
      } catch {
        // there is none, or it is not for us to read
      }
    }
  }
  return undefined
}

/** Why the package is not in the folders where Node looks for it: a reason, and a sentence's end with the fix. */
function absence(folders, wanted) {
  const others = installedPackages(folders)
  if (others.length > 0)
    return [
      'installed-elsewhere',
      `found only ${others.join(', ')}, as when node_modules comes from another system: delete node_modules and install again here`,
    ]
  const lock = lockFileOf(folders, wanted)
  if (lock?.lists === false)
    return [
      'not-in-lock-file',
      `${lock.path} does not list it, as when that was written on another system: delete it and node_modules, and install again`,
    ]
  return ['left-out', 'it was left out, as under --omit=optional: run "npm install --include=optional"']
}

/** Why what was looked for is not there or did not load. */
function reasonFor(place, source, cause, folders) {
  if (cause?.code === 'ERR_DLOPEN_DISABLED')
    return ['addons-forbidden', 'this Node may load none: start it with --allow-addons, and without --no-addons']
  if (cause?.name === 'NotCapable') return ['addons-forbidden', 'this Deno may load none: start it with --allow-ffi']
  if (source === 'forced')
    return ['did-not-load', `NAPI_RS_NATIVE_LIBRARY_PATH names ${place}: unset it, or name a SledStore addon`]
  if (source === 'local') return ['did-not-load', `${place} is not for it: build it again with "npm run build"`]
  if (targets[platformName()] === undefined)
    return [
      'no-such-build',
      `there is no package ${place}; there are builds for ${Object.keys(targets).join(', ')}: for others, build it from source`,
    ]
  if (cause?.code === 'MODULE_NOT_FOUND') {
    const [reason, words] = absence(folders, place)
    return [reason, `looked for the package ${place}, but ${words}`]
  }
  return ['did-not-load', `the package ${place} does not load: delete node_modules and install again here`]
}

/** The error for an addon that did not load. `folders` are those where Node looks for packages. */
function notLoaded(place, source, cause, folders) {
  const [reason, words] = reasonFor(place, source, cause, folders)
  return refusal(reason, place, `SledStore has no addon for ${detected()}: ${words}`, cause)
}

/** The error for an addon that is not the one this JavaScript was made with. */
function foreign(place, identity) {
  const what = typeof identity === 'string' ? identity : 'no SledStore addon, or one that does not say its version'
  const message = `SledStore ${version} cannot use the addon ${place}, which is ${what}: install both of one version, "npm install sledstore@${version}"`
  return refusal('other-version', place, message)
}

module.exports = { foreign, notLoaded }
