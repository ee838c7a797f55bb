/** The harness `soak` finds what is planted: what is left behind, a call that sleeps, an answer that is wrong. */
import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'

interface Report {
  readonly wrong: number
  readonly aborted: number
  readonly hung: number
  readonly note?: string
}

interface Cycles {
  readonly folder: string
  readonly seed: number
  readonly cycles: number
  readonly seconds: number
  readonly plant: string
  report(report: Report): void
}

// @ts-expect-error: a program without types
const { run } = (await import('./soak.mjs')) as { run(cycles: Cycles): Promise<void> }

const folder = freshFolders()

async function found(plant: string): Promise<Report> {
  const reports: Report[] = []
  const place = folder()
  mkdirSync(place)
  await run({ folder: place, seed: 1, cycles: 1, seconds: 2, report: (report) => void reports.push(report), plant })
  expect(reports).toHaveLength(1)
  return reports[0]!
}

const planted: [plant: string, says: string][] = [
  ['leak', 'rss grew'],
  ['descriptors', 'files grew'],
  ['snapshots', 'snapshots grew'],
  ['lock', 'a call of thread 1 took'],
  ['value', 'has version'],
]

it.each(planted)('%s', async (plant, says) => {
  const { wrong, aborted, note } = await found(plant)
  expect(aborted, note).toBe(0)
  expect(wrong).toBeGreaterThan(0)
  // Found is what was planted, and not something else.
  expect(note).toContain(says)
})
