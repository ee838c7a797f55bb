/**
 * Abstract-level's own suite over the adapter, in a folder of this process's own. `node suite.cjs manifest` prints what
 * the adapter says of itself; `node suite.cjs get-many-test` runs that file of the suite over one that answers wrongly.
 */

const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { dirname, join } = require('node:path')
const test = require('tape')
const { SledLevel } = require('sledstore/abstract-level')

// The suite of the very package that the adapter extends.
const adapter = require.resolve('sledstore/abstract-level')
const suitePath = join(dirname(require.resolve('abstract-level', { paths: [dirname(adapter)] })), 'test')
const home = mkdtempSync(join(tmpdir(), 'sledstore-level-'))
let made = 0

/** Forgets the last key of every getMany. */
class Forgetful extends SledLevel {
  async _getMany(keys, options) {
    return [...(await super._getMany(keys.slice(0, -1), options)), undefined]
  }
}

const what = process.argv[2]
const Level = what === undefined ? SledLevel : Forgetful
const factory = (options) => new Level(join(home, String(made++)), options)
process.on('exit', () => rmSync(home, { recursive: true, force: true }))

if (what === 'manifest') {
  const db = factory()
  console.log(JSON.stringify(db.supports))
  void db.close()
} else {
  const suite = require(suitePath)
  if (what === undefined) suite({ test, factory })
  else require(join(suitePath, what)).all(test, suite.common({ test, factory }))
}
