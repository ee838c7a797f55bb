/**
 * Repair: what can be read of a damaged store, or of a damaged published file, as a new store.
 */
import { checkFunction, checkNames, checkSignal, checkStoreOptions, type WorkOptions } from './options.js'
import { longJob, native } from './internal/native.js'
import { checkPermission } from './internal/permission.js'
import type { RepairReport, WorkProgress } from './report-types.js'

/** The name under which the store has {@link repair} for `sledstore/repair`. */
export const REPAIR = Symbol.for('sledstore.repair')

type Stored = Omit<RepairReport['lost'][number], 'from' | 'to'> & { from: string; to: string | null }

/** Repairs `from` into `to`; both are paths that were checked. */
export async function repair(from: string, to: string, options: WorkOptions<WorkProgress> = {}): Promise<RepairReport> {
  checkNames('repair', options, ['onProgress', 'signal'])
  const { onProgress, signal } = options
  checkFunction('onProgress', onProgress)
  checkSignal(signal)
  checkPermission(from, ['read'])
  checkPermission(to)
  const checked = checkStoreOptions('repair', {})
  const tell = (done: number, total: number): void => void onProgress?.({ done, total })
  const json = await longJob<Buffer>(() => native.repair(from, to, checked), tell, signal)
  const { lost, ...report } = JSON.parse(json.toString()) as Omit<RepairReport, 'lost'> & { lost: Stored[] }
  const bytes = (hexadecimal: string): Uint8Array => Buffer.from(hexadecimal, 'hex')
  return {
    ...report,
    lost: lost.map((one) => ({ ...one, from: bytes(one.from), to: one.to === null ? null : bytes(one.to) })),
  }
}
