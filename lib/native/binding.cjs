'use strict'

/**
 * Loads the addon: the file named by NAPI_RS_NATIVE_LIBRARY_PATH and no other; else the one built in this checkout;
 * else the platform's package. Both module systems reach it through `#binding`, so a process has one.
 */

const { existsSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { addonFileName, platformName } = require('./platform.cjs')

/** A `require` that bundlers leave alone: what it loads is known at run time only. */
const requireHere = createRequire(__filename)

function load() {
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH
  if (forced) return attempt(forced, `NAPI_RS_NATIVE_LIBRARY_PATH names ${forced}; unset it or name a SledStore addon`)

  const local = join(__dirname, addonFileName())
  if (existsSync(local)) return attempt(local, `build it again with "npm run build"`)

  const name = `sledstore-${platformName()}`
  return attempt(
    name,
    `install the package ${name} (npm leaves it out under --omit=optional, or with a lock file made on another ` +
      `system: delete node_modules and the lock file and install again); in a checkout run "npm run build"`,
  )
}

function attempt(place, nextStep) {
  try {
    return requireHere(place)
  } catch (cause) {
    const error = new Error(
      `SledStore's addon for ${platformName()} (Node ${process.versions.node}) could not be loaded from ${place}; ` +
        (allowance(cause) ?? nextStep),
      { cause },
    )
    error.code = 'UNSUPPORTED'
    throw error
  }
}

/** What this process was not allowed when it was started, if that is why it may load no addon. */
function allowance({ code, name }) {
  if (code === 'ERR_DLOPEN_DISABLED')
    return 'this Node may load no addon: start it with --allow-addons, and without --no-addons'
  if (name === 'NotCapable') return 'this Deno may load no addon: start it with --allow-ffi'
  return undefined
}

module.exports = load()
