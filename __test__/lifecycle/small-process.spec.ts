/** What opening a store takes of a small process (docs/decisions/0008): what sled allocates and never uses is not touched. */
import { expect, it } from 'vitest'
import { runScript } from '../helpers/child.js'
import { freshFolders } from '../helpers/folder.js'

const folder = freshFolders()

it('an embedded store takes little memory to open', async () => {
  const { code, output } = await runScript(
    `
    const anonymous = () => {
      const [, kilobytes] = /^Anonymous:\\s+(\\d+) kB/m.exec(require('node:fs').readFileSync('/proc/self/smaps_rollup', 'utf8'))
      return kilobytes * 1024
    }
    // The addon, and what a first store loads.
    await SledStore.memory().close()
    const before = anonymous()
    const store = await SledStore.open(process.argv[1], { profile: 'embedded' })
    const taken = anonymous() - before
    await store.close()
    console.log(taken)`,
    { arguments: [folder()] },
  )
  expect(code, output).toBe(0)
  expect(Number(output)).toBeLessThan(8_000_000)
})
