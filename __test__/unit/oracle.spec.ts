/** What algorithms are held against is what the kept script computes, with the packages in the versions it names. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'
import { skip } from '../helpers/tools.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const oracle = join(root, 'crate/algorithm/tests/oracle')
/** Made by set-up, where Python and the packages can be had. */
const installed = join(root, 'target/oracle/bin/python')
const python = existsSync(installed) ? installed : 'python3'
const fresh = freshFolders()

it('expected.json is what networkx finds, and another value is noticed', { timeout: 240_000 }, (context) => {
  const kept = join(oracle, 'expected.json')
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  const other = join(folder, 'other.json')
  writeFileSync(other, readFileSync(kept, 'utf8').replace('"forest_weight":', '"forest_weight":1'))
  const ran = spawnSync(python, [join(oracle, 'expected.py'), '--check', kept, other], { encoding: 'utf8' })
  if (ran.error !== undefined) skip(context, 'python3 is not installed')
  if (ran.status === 3) skip(context, ran.stdout.trim())
  expect(ran.stderr).toBe('')
  expect(ran.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^other\.karate\.structure\.forest_weight: /),
  ])
  expect(ran.status).toBe(1)
})
