/**
 * What the caller hears of a store that it opened although every user of the system may write to its folder.
 */

/** Code of the warning, by which a listener of `process.on('warning')` and `--disable-warning` know it. */
const WARNING_CODE = 'SLEDSTORE_INSECURE_FOLDER'

/** Warns as Node does: on the standard error, or to whoever listens. */
export function warnOfFolder(folder: string): void {
  process.emitWarning(`every user of this system may write to the store at ${folder}`, {
    code: WARNING_CODE,
    detail: `Take that right away: chmod -R o-w ${folder}`,
  })
}
