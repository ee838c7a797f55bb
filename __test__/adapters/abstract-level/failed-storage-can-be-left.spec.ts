/** When the disk has failed, writes say so, and closing says it once more; then the database is closed and can be opened. */
import { expect, it } from 'vitest'
import { SledLevel } from 'sledstore/abstract-level'
import { runScript } from '../../helpers/child.js'
import { freshFolders } from '../../helpers/folder.js'

const folder = freshFolders()
const dist = new URL('../../../dist', import.meta.url).pathname

it('a file that may not grow any more', async () => {
  const path = folder()
  const script = `
    const { SledLevel } = require(require('node:path').join(process.argv[2], 'adapters/abstract-level.cjs'))
    const codes = (error) => error === undefined ? [] : [error.code, ...codes(error.cause)].slice(0, 3)
    const db = new SledLevel(process.argv[1])
    await db.open()
    let answered = 0
    let failure
    while (failure === undefined)
      await db.put('k' + answered, 'v'.repeat(60000), { sync: true }).then(() => answered++, (error) => (failure = error))
    console.log(codes(failure).slice(0, 2).join(), answered > 10, (await db.get('k0')).length)
    console.log(codes(await db.batch([{ type: 'del', key: 'k0' }]).catch((error) => error)).slice(0, 2).join())
    console.log(codes(await db.close().catch((error) => error)).join(), db.status)
    console.log(codes(await db.get('k0').catch((error) => error)).join())
    await db.close()
    console.log(db.status, answered)`
  const around = `trap '' XFSZ; ulimit -f 4096; exec "$@"`
  const ended = await runScript(script, { arguments: [path, dist], around })
  const lines = ended.output.trim().split('\n')
  expect(lines.slice(0, 4)).toEqual([
    'LEVEL_IO_ERROR,STORAGE_FAILED true 60000',
    'LEVEL_IO_ERROR,STORAGE_FAILED',
    'LEVEL_DATABASE_NOT_CLOSED,LEVEL_IO_ERROR,STORAGE_FAILED open',
    'LEVEL_DATABASE_NOT_OPEN',
  ])
  const [, answered] = /^closed (\d+)$/.exec(lines[4] ?? '') ?? []
  const db = new SledLevel(path)
  expect(await db.keys().all()).toHaveLength(Number(answered))
  await db.close()
})
