/**
 * Builds what a power cut may leave of a recorded workload, and opens each image with the real engine. A thousand seeds
 * share a recording. Its threads meet as chance will have it, so one in which something was found is kept in
 * `target/proof/images`, and taken again when one of its seeds is repeated on the same commit.
 */

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { currentCommit } from '../../scripts/shared/proof.mjs'
import { buildBinaries, outcomesOf } from './helpers/binaries.mjs'
import { inOrder } from './helpers/order.mjs'

export const title = 'whatever a power cut leaves of the files opens with all that was acknowledged'
export const unit = 'images'
export const small = 600
export const full = 200_000

const imagesPerRecording = 1_000

export async function prepare({ root, run, skip, scale }) {
  if (process.platform !== 'linux') skip('strace, which records what is written, is for Linux')
  if ((await run('strace', ['-V'], { codes: [0, 127] })).code === 127) skip('strace is not installed')
  const binaries = await buildBinaries({ root, run, scale })
  // Memory, where there is such a folder: an image is written, read and gone within milliseconds.
  const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sledstore-proof-'))
  const kept = join(root, 'target', 'proof', 'images', await currentCommit())
  return {
    images: join(binaries, 'images'),
    scratch,
    kept,
    close: () => rmSync(scratch, { recursive: true, force: true }),
  }
}

export async function run({ seed, cycles, prepared, signal, report }) {
  const jobs = jobsOf(seed, seed + cycles)
  const tell = inOrder(seed, report)
  const lane = async () => {
    for (let job = jobs.shift(); job !== undefined && !signal.aborted; job = jobs.shift())
      await check(job, { ...prepared, signal, tell })
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, lane))
}

/** Stretches of seeds, each of one recording. */
function jobsOf(seed, end) {
  const jobs = []
  for (let from = seed; from < end;) {
    const recording = Math.floor(from / imagesPerRecording)
    const until = Math.min(end, (recording + 1) * imagesPerRecording)
    jobs.push({ recording: `recording-${recording}`, from, until })
    from = until
  }
  return jobs
}

async function check({ recording, from, until }, { images, scratch, kept, signal, tell }) {
  const [made, evidence] = [join(scratch, recording), join(kept, recording)]
  if (existsSync(evidence)) cpSync(evidence, made, { recursive: true })
  const hear = (outcome) => {
    const isClean = outcome.lost + outcome.wrong + outcome.aborted + outcome.hung === 0
    if (!isClean && existsSync(made) && !existsSync(evidence)) cpSync(made, evidence, { recursive: true })
    tell(outcome)
  }
  for (let next = from; next < until && !signal.aborted;) {
    const command = [images, 'check', scratch, scratch, String(next), String(until - next)]
    next = await outcomesOf(command, { seed: next, cycles: until - next, signal, hear })
  }
  rmSync(made, { recursive: true, force: true })
}
