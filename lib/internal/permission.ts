/**
 * Node's permission model binds JavaScript and not what an addon does, so the store keeps to it by itself.
 */
import { join, resolve } from 'node:path'
import { SledStoreError } from '../errors.js'

type Access = 'read' | 'write'

/**
 * Refuses a folder, or with fewer `kinds` a file, that `--allow-fs-read` or `--allow-fs-write` leaves out. It is enough that a file in it is allowed,
 * for a pattern such as `/data/*` does not name the folder itself.
 *
 * @throws SledStoreError `PERMISSION_DENIED`
 */
export function checkPermission(folder: string, kinds: readonly Access[] = ['read', 'write']): void {
  const permission = process.permission as typeof process.permission | undefined
  if (permission === undefined) return // as nearly always: Node was started without --permission
  const places = [resolve(folder), join(resolve(folder), 'LOCK')]
  for (const kind of kinds) {
    if (places.some((place) => permission.has(`fs.${kind}`, place))) continue
    throw new SledStoreError(
      'PERMISSION_DENIED',
      `Node's permission model does not let this process ${kind} ${folder}; start it with --allow-fs-${kind}=${folder}`,
    )
  }
}
