/** The harness `calls` finds what is planted, each as what it is, and nothing where nothing is. */
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
  readonly plant: string | undefined
  report(report: Report): void
}

// @ts-expect-error: a program without types
const { run } = (await import('./calls.mjs')) as { run(cycles: Cycles): Promise<void> }

const folder = freshFolders()

async function found(plant?: string): Promise<Report> {
  const reports: Report[] = []
  const place = folder()
  mkdirSync(place)
  await run({ folder: place, seed: 1, cycles: 1, report: (report: Report) => reports.push(report), plant })
  expect(reports).toHaveLength(1)
  return reports[0]!
}

it('nothing where nothing is planted', async () => {
  const { note, ...counts } = await found()
  expect(note).toBeUndefined()
  expect(counts).toEqual({ seed: 1, cycles: 1, lost: 0, wrong: 0, aborted: 0, hung: 0 })
})

it.each(['panic', 'value', 'uncoded', 'prototype'])('%s is a wrong answer', async (plant) => {
  const { wrong, aborted, note } = await found(plant)
  expect(wrong, note).toBeGreaterThan(0)
  expect(aborted).toBe(0)
})

it('a process that aborts', async () => {
  expect(await found('abort')).toMatchObject({ wrong: 0, aborted: 1 })
})

it('a call that does not answer', async () => {
  const { hung } = await found('silence')
  expect(hung).toBeGreaterThan(0)
})
