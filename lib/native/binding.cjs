'use strict'

/**
 * Loads the addon: the file named by NAPI_RS_NATIVE_LIBRARY_PATH and no other; else the one built in this checkout;
 * else the platform's package. Both module systems reach it through `#binding`, so a process has one.
 */

const { existsSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join, resolve } = require('node:path')
const { version } = require('../../package.json')
const { addonFileName, packageName } = require('./platform.cjs')

/** A `require` that bundlers leave alone: what it loads is known at run time only. */
const requireHere = createRequire(__filename)

function load() {
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH
  if (forced) return attempt(resolve(forced), 'forced')
  const local = join(__dirname, addonFileName())
  return existsSync(local) ? attempt(local, 'local') : attempt(packageName(), 'package')
}

function attempt(place, source) {
  let addon
  try {
    addon = requireHere(place)
  } catch (cause) {
    throw require('./refusal.cjs').notLoaded(place, source, cause, requireHere.resolve.paths(packageName()))
  }
  // The two talk through shared buffers, whose layout may differ between versions.
  if (addon.identity !== `sledstore ${version}`) throw require('./refusal.cjs').foreign(place, addon.identity)
  return addon
}

module.exports = load()
