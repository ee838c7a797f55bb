/** Where and from what the figures come. */

import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'

export function machine() {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory_bytes: totalmem(),
    system: `${process.platform} ${process.arch} ${release()}`,
  }
}

/** Processes that want to run, averaged over a minute: above the number of cores the figures are noise. */
export const load = () => loadavg()[0]

/** The commit, with "+" when the checkout differs from it. */
export function commit(folder) {
  const git = (...parameters) => execFileSync('git', parameters, { cwd: folder, encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return undefined
  }
}
