/** Tests that need a program of the system: run where it is, skipped with name and reason where it is not. */

import { spawnSync } from 'node:child_process'
import type { TestContext } from 'vitest'

/**
 * Skips the running test when a program is missing; the reason is counted and printed by `npm test`.
 *
 * @example
 * ```ts
 * it('fsyncs before it answers', (context) => {
 *   needsTool(context, 'strace')
 * })
 * ```
 */
export function needsTool(context: TestContext, program: string): void {
  if (spawnSync(program, ['--version']).error === undefined) return
  skip(context, `${program} is not installed`)
}

/** Skips the running test for a reason that holds on this machine, such as its platform. */
export function skip(context: TestContext, reason: string): never {
  Object.assign(context.task.meta, { skipReason: reason })
  context.skip(reason)
}
