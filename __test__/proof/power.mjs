/**
 * Cuts the power of a file system in a loop file under a process that writes to it. A store lives through twenty cuts, on
 * ext4 and on XFS by turns, so a seed is repeated with those before it in the life of its store. Each store begins with a
 * control whose syncs do nothing, and which must lose what was acknowledged.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries, outcomesOf } from './helpers/binaries.mjs'

export const title = 'a power cut loses nothing that was acknowledged at level full'
export const unit = 'power cuts'
export const small = 40
export const full = 4_000

const cutsPerStore = 20
const kinds = ['ext4', 'xfs']
const kindOf = (seed) => kinds[Math.floor(seed / cutsPerStore) % kinds.length]

/** How large an image each file system gets, of which only what is written takes space, and how it is made. */
const makers = {
  ext4: { bytes: 256 << 20, command: ['mkfs.ext4', '-q', '-F'] },
  xfs: { bytes: 320 << 20, command: ['mkfs.xfs', '-q', '-f'] },
}

/** A mount namespace of its own: however the program in it ends, the kernel unmounts what it has mounted. */
const alone = ['unshare', '--mount', '--propagation', 'private', '--']

/** How many of the controls must lose something: whoever syncs all file systems of the machine syncs this one, too. */
const controlsMin = 0.5

export async function prepare({ run, skip, ...context }) {
  if (process.platform !== 'linux') skip('only Linux cuts the power of a file system')
  if (process.getuid() !== 0) skip('mounting needs root')
  for (const program of ['mkfs.ext4', 'e2fsck', 'mkfs.xfs', 'losetup', 'unshare', 'strace'])
    if (spawnSync(program, ['--help']).error !== undefined) skip(`${program} is not installed`)
  const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sledstore-proof-'))
  const prepared = { scratch, images: {}, close: () => clear(scratch) }
  try {
    for (const kind of kinds) prepared.images[kind] = await makeImage(kind, scratch, { run, skip })
    prepared.power = join(await buildBinaries({ run, ...context }), 'power')
  } catch (error) {
    clear(scratch)
    throw error
  }
  return prepared
}

async function makeImage(kind, scratch, { run, skip }) {
  const image = join(scratch, `${kind}.img`)
  const { bytes, command } = makers[kind]
  writeFileSync(image, '')
  truncateSync(image, bytes)
  await run(command[0], [...command.slice(1), image])
  const folder = join(scratch, 'mounted')
  mkdirSync(folder, { recursive: true })
  const mounting = [...alone, 'mount', '-t', kind, '-o', 'loop', image, folder]
  const { status, stderr } = spawnSync(mounting[0], mounting.slice(1), { encoding: 'utf8' })
  if (status !== 0) skip(`no ${kind} can be mounted: ${stderr.trim()}`)
  return image
}

/** Removes the images, and makes sure that nothing is mounted from them any more. */
function clear(scratch) {
  const isMounted = readFileSync('/proc/self/mounts', 'utf8').includes(scratch)
  const { stdout } = spawnSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' })
  rmSync(scratch, { recursive: true, force: true })
  if (isMounted || stdout.includes(scratch)) throw new Error(`${scratch} is still mounted: ${stdout}`)
}

export async function run({ folder, seed, cycles, prepared, signal, report: tell }) {
  const { power, images, scratch } = prepared
  const controls = { 'controls with loss': 0, 'controls without loss': 0 }
  const report = (outcome) => {
    for (const name of Object.keys(controls)) controls[name] += outcome.counts?.[name] ?? 0
    tell(outcome)
  }
  const end = seed + cycles
  for (let next = seed; next < end && !signal.aborted;) {
    const kind = kindOf(next)
    const until = Math.min(end, next - (next % cutsPerStore) + cutsPerStore)
    const words = [kind, images[kind], folder, scratch, String(next), String(until - next)]
    const asked = { seed: next, cycles: until - next, signal, hear: report }
    next = await outcomesOf([...alone, power, 'run', ...words], asked)
  }
  const { 'controls with loss': lossy, 'controls without loss': lossless } = controls
  if (!signal.aborted && lossy < controlsMin * (lossy + lossless))
    throw new Error(
      `of ${lossy + lossless} controls without syncs only ${lossy} lost something: the cuts prove nothing`,
    )
}
