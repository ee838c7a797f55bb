/** The small examples do what they say. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const execute = promisify(execFile)

/** Runs an example to its end; gives its lines. */
async function linesOf(example: string, ...words: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url))
  const { stdout } = await execute(process.execPath, [path, ...words])
  return stdout.trimEnd().split('\n')
}

it('todo-list: each call finds what the ones before it left', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sledstore-todo-'))
  const todo = (...words: string[]): Promise<string[]> => linesOf('todo-list/todo.mjs', '--data', data, ...words)
  try {
    expect(await todo('add', 'buy milk')).toEqual(['added 1'])
    expect(await todo('add', 'read')).toEqual(['added 2'])
    expect(await todo('done', '1')).toEqual(['done 1'])
    expect(await todo('done', '7')).toEqual(['there is no 7'])
    expect(await todo()).toEqual(['1 [x] buy milk', '2 [ ] read'])
    await expect(todo('drop')).rejects.toMatchObject({ code: 1 })
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})

it('social-graph: paths, suggestions, and a name that is taken', async () => {
  expect(await linesOf('social-graph/social-graph.mjs')).toEqual([
    'Ada knows Bela and Emil, the first since 2018',
    'Ada reaches Dora in 3 steps',
    'Ada may know Cleo: 2 friends in common',
    'UNIQUE_VIOLATION: still 5 people',
    'without Cleo there are 2 friendships',
  ])
})

it('worker-pool: every job is done once', async () => {
  expect(await linesOf('worker-pool/pool.mjs')).toEqual(['3 workers did 100 jobs', '0 waiting, 100 results, all right'])
})

it('job-queue: a killed worker loses no letter and sends none twice', async () => {
  expect(await linesOf('job-queue/main.mjs')).toEqual([
    'first worker: SIGKILL',
    '9 letters are left',
    'second worker: done',
    '9 people have a letter, 0 of them several',
    'nobody: 3 tries, Error: there is no such address',
  ])
})
