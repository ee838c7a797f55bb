import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { needsTool, skip } from './tools.js'

/** A file system of its own that ends with the test. */
export interface SmallDisk {
  readonly path: string
  /** Leaves only so many bytes free, to the page. */
  leaveFree(bytes: number): void
}

/** Mounts a small file system; the test is skipped, by name, where this user may not. */
export function smallDisk(context: TestContext, bytes: number): SmallDisk {
  needsTool(context, 'mount')
  const path = mkdtempSync(join(tmpdir(), 'sledstore-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { encoding: 'utf8' })
  if (mounted.status !== 0) {
    rmdirSync(path)
    skip(context, `no file system can be mounted: ${mounted.stderr.trim()}`)
  }
  onTestFinished(() => {
    // A sled that was given up keeps its file open; the mount goes when the process does.
    spawnSync('umount', ['--lazy', path])
    rmdirSync(path)
  })
  const filler = join(path, 'filler')
  return {
    path,
    leaveFree(free) {
      rmSync(filler, { force: true })
      const { bavail, bsize } = statfsSync(path)
      const length = bavail * bsize - free
      writeFileSync(filler, new Uint8Array(Math.max(0, length)))
    },
  }
}
