/** Rust's layers: crates depend downwards, and sled, napi and unsafe code stay in their rooms. */

import { codeOf } from './rust-source.mjs'
import { lineAt, matching } from './tree.mjs'

/** From the bottom up; a crate may use those before it. */
const crateOrder = ['algorithm', 'neighbor', 'sys', 'engine', 'vector', 'graph', 'analysis', 'cypher', 'node', 'proof']

const unsafeRooms = [
  /^crate\/sys\//,
  /^crate\/(?:vector|neighbor)\/src\/simd(?:\.rs$|\/)/,
  /^crate\/node\/src\/raw(?:\.rs$|\/)/,
  /^crate\/proof\/src\/power\/cut\.rs$/, // the system call that ends a file system
]

/** Names in the dependency tables of a manifest; development ones only when asked. */
function dependencies(manifest, { development }) {
  const names = []
  let inside = false
  for (const line of manifest.split('\n')) {
    const table = /^\[(.+)\]/.exec(line)?.[1]
    if (table !== undefined) {
      inside =
        /(?:^|\.)(?:build-)?dependencies$/.test(table) || (development && /(?:^|\.)dev-dependencies$/.test(table))
    } else if (inside) {
      const name = /^([\w-]+)\s*[.=]/.exec(line)?.[1]
      if (name !== undefined) names.push(name)
    }
  }
  return names
}

export function cratesDependDownwards(tree) {
  const violations = []
  for (const path of matching(tree, /^crate\/[^/]+\/Cargo\.toml$/)) {
    const rank = crateOrder.indexOf(path.split('/')[1])
    if (rank === -1) continue
    for (const name of dependencies(tree.read(path), { development: true })) {
      const used = crateOrder.indexOf(name.replace(/^sledstore-/, ''))
      if (name.startsWith('sledstore-') && used >= rank)
        violations.push(`${path} depends on ${name}, which lies above it`)
    }
  }
  return violations
}

export function sledIsNamedOnce(tree) {
  const violations = []
  for (const path of matching(tree, /^crate\/[^/]+\/Cargo\.toml$/)) {
    const owner = path === 'crate/engine/Cargo.toml'
    if (!owner && dependencies(tree.read(path), { development: true }).includes('sled'))
      violations.push(`${path} depends on sled`)
  }
  for (const path of matching(tree, /^crate\/[^/]+\/src\/.*\.rs$/)) {
    if (/^crate\/engine\/src\/backend(?:_tests)?\.rs$/.test(path)) continue
    const code = codeOf(tree.read(path))
    const at = code.search(/\bsled\s*::|\buse\s+sled\b|\bextern crate sled\b/)
    if (at !== -1) violations.push(`${path}:${lineAt(code, at)} names sled; only crate/engine/src/backend.rs may`)
  }
  return violations
}

/** What of sled the engine calls (E21): a tree is a plain map, written one entry at a time, flushed and dropped. */
const plainCalls = new Set(['Config', 'Db', 'Error', 'IVec', 'Result', 'crossbeam_pin'])
/** Calls that sled has and the engine must not use, whatever they are called on. */
const bannedCalls =
  /\.\s*(apply_batch|transaction|merge|set_merge_operator|watch_prefix|flush_async|open_tree|drop_tree|tree_names|fetch_and_update|update_and_fetch|compare_and_swap|pop_min|pop_max|generate_id|export|import|get_gt|get_lt|rev|next_back|clear)\s*(?:::<[^>]*>)?\(/g

export function sledIsCalledPlainly(tree) {
  const violations = []
  for (const path of matching(tree, /^crate\/engine\/src\/backend\.rs$/)) {
    const code = codeOf(tree.read(path))
    for (const match of code.matchAll(/\bsled\s*::\s*(?:\{[^}]*\}|\w+)/g)) {
      const names = match[0].replace(/^sled\s*::\s*/, '').match(/\w+/g)
      const other = names.find((name) => !plainCalls.has(name))
      if (other !== undefined) violations.push(`${path}:${lineAt(code, match.index)} uses sled::${other}; see E21`)
    }
    for (const match of code.matchAll(bannedCalls))
      violations.push(`${path}:${lineAt(code, match.index)} calls ${match[1]}; sled is a plain map here (E21)`)
    for (const name of ['insert', 'remove']) {
      const calls = [...code.matchAll(new RegExp(`\\bdb\\s*\\.\\s*${name}\\(`, 'g'))]
      for (const call of calls.slice(1))
        violations.push(
          `${path}:${lineAt(code, call.index)} is a second ${name}; one place writes, under one mutex (E21)`,
        )
    }
  }
  return violations
}

export function napiStaysInNode(tree) {
  const violations = []
  for (const path of matching(tree, /^crate\/[^/]+\/Cargo\.toml$/)) {
    if (path === 'crate/node/Cargo.toml') continue
    const found = dependencies(tree.read(path), { development: true }).filter((name) => /^napi\b/.test(name))
    if (found.length > 0) violations.push(`${path} depends on ${found.join(', ')}; only crate/node may`)
  }
  return violations
}

export function unsafeStaysInItsRooms(tree) {
  const violations = []
  for (const path of matching(tree, /^crate\/.*\.rs$/)) {
    if (unsafeRooms.some((room) => room.test(path))) continue
    const code = codeOf(tree.read(path))
    const at = code.search(/\bunsafe\b/)
    if (at !== -1)
      violations.push(
        `${path}:${lineAt(code, at)} is unsafe; use crate/sys, src/simd.rs of crate/vector or crate/neighbor, or crate/node/src/raw.rs`,
      )
  }
  return violations
}
