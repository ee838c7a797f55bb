/**
 * Repair: what can be read of a damaged store, as a new store.
 *
 * @packageDocumentation
 */
import { SledStore } from 'sledstore'
import type { WorkOptions } from '../options.js'
import type { RepairReport, WorkProgress } from '../report-types.js'

type Repair = (from: string | URL, to: string | URL, options?: WorkOptions<WorkProgress>) => Promise<RepairReport>

/**
 * Makes a new store at `to`, an empty folder or none yet, of all that can be read of the damaged store or published file at
 * `from`, which is never changed. It works on a store that does not open. Progress counts blocks and commits of the
 * journal; a failure or an abort leaves nothing.
 *
 * @example
 * ```ts
 * const report = await repair('./data', './repaired')
 * const isWhole = report.lost.every((lost) => lost.effect === 'none')
 * ```
 *
 * @throws SledStoreError `NOT_A_STORE`, `LOCKED` while it is open, `FORMAT_TOO_NEW`, `EXISTS`, `ABORTED`, `DISK_FULL`
 */
export function repair(
  from: string | URL,
  to: string | URL,
  options?: WorkOptions<WorkProgress>,
): Promise<RepairReport> {
  const work = (SledStore as unknown as Readonly<Record<symbol, Repair>>)[Symbol.for('sledstore.repair')]
  return work!(from, to, options)
}
