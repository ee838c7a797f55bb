/**
 * The part of vitest's interface that the conformance suite uses, in plain JavaScript, for runtimes that no vitest runs
 * on. It collects what files declare, and runs it in order; what is expected is judged by the package `expect`.
 */

import { createRequire } from 'node:module'

// Runtimes do not agree on what an `import` of this CommonJS package gives.
const { expect: judge } = createRequire(import.meta.url)('expect')

/** vitest's takes a message, too. */
export const expect = Object.assign((actual, _message) => judge(actual), judge)

/** @typedef {{ name: string, parent?: Suite, before: Function[], after: Function[], beforeAll: Function[], afterAll: Function[], members: (Suite | Test)[] }} Suite */
/** @typedef {{ name: string, body: Function }} Test */

const suiteOf = (name) => ({ name, before: [], after: [], beforeAll: [], afterAll: [], members: [] })
const root = suiteOf('')
let current = root

export function describe(name, body) {
  const suite = suiteOf(name)
  current.members.push(suite)
  const around = current
  current = suite
  body()
  current = around
}

export function it(name, body) {
  current.members.push({ name, body })
}

export const beforeEach = (hook) => void current.before.push(hook)
export const afterEach = (hook) => void current.after.unshift(hook)
export const beforeAll = (hook) => void current.beforeAll.push(hook)
export const afterAll = (hook) => void current.afterAll.unshift(hook)

const each = (declare) => (rows) => (name, body) => {
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row]
    declare(named(name, values), () => body(...values))
  }
}
it.each = each(it)
describe.each = each(describe)

/** `%s` stands for the next value, `$name` for a property of the first one. */
function named(name, values) {
  const waiting = [...values]
  return name.replaceAll(/%[sj]|\$(\w+)/g, (_, property) =>
    property === undefined ? String(waiting.shift()) : String(values[0][property]),
  )
}

/**
 * Runs everything that was declared.
 *
 * @returns {Promise<{ passed: number, failed: { name: string, reason: string }[] }>}
 */
export async function runAll() {
  const outcome = { passed: 0, failed: [] }
  await runSuite(root, [], { before: [], after: [] }, outcome)
  return outcome
}

async function runSuite(suite, path, outer, outcome) {
  const hooks = { before: [...outer.before, ...suite.before], after: [...suite.after, ...outer.after] }
  const names = suite.name === '' ? path : [...path, suite.name]
  await attempt(names, outcome, async () => {
    for (const hook of suite.beforeAll) await hook()
  })
  for (const member of suite.members) {
    if ('members' in member) await runSuite(member, names, hooks, outcome)
    else await runTest(member, names, hooks, outcome)
  }
  await attempt(names, outcome, async () => {
    for (const hook of suite.afterAll) await hook()
  })
}

async function runTest({ name, body }, path, { before, after }, outcome) {
  const passed = await attempt([...path, name], outcome, async () => {
    try {
      for (const hook of before) await hook()
      await body()
    } finally {
      for (const hook of after) await hook()
    }
  })
  if (passed) outcome.passed++
}

async function attempt(path, outcome, action) {
  try {
    await action()
    return true
  } catch (error) {
    outcome.failed.push({ name: path.join(' > '), reason: error?.stack ?? String(error) })
    return false
  }
}
