/** Where and from what the figures come. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
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
export const load = () => Number(loadavg()[0].toFixed(2))

/** The commit; when the checkout differs from it (pages and results aside), with "+" and a hash of the difference. */
export function commit(folder) {
  const git = (...parameters) => execFileSync('git', parameters, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })
  const measured = ['--', ':/', ':(top,exclude)bench/results', ':(top,exclude)*.md']
  try {
    const name = git('rev-parse', '--short=12', 'HEAD').trim()
    const status = git('status', '--porcelain', ...measured)
    if (status === '') return name
    const difference = status + git('diff', 'HEAD', ...measured)
    return `${name}+${createHash('sha256').update(difference).digest('hex').slice(0, 8)}`
  } catch {
    return undefined
  }
}
