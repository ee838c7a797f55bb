'use strict'

// Refuses a Node that is too old, by name. It comes before everything else, and is written so that the oldest of them can
// run it; they could not even parse the rest.

const { engines, version } = require('../../package.json')

const oldest = Number(/\d+/.exec(engines.node)[0])
const { node } = process.versions

if (Number(node.split('.')[0]) < oldest) {
  const error = new Error(
    `SledStore ${version} needs Node ${oldest} or newer, and this is Node ${node} (${process.execPath}); update Node`,
  )
  error.code = 'UNSUPPORTED'
  error.reason = 'old-node'
  throw error
}
