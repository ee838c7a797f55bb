/**
 * The addon for other systems, built as `scripts/cross.mjs` does: for Linux on arm64 and on musl it runs here, the others are
 * linked only. What a cold machine lacks is brought from package registries; what cannot be had is named in the note.
 */

import { crossTargets } from '../../../scripts/cross/targets.mjs'

export const title = 'cross builds, and what they do where they run'
export const minutes = 45 // of a busy machine; a quiet one with two cores takes ten
export const quick = false
export const needs = []

/** These are run, optimized as they are published but for link-time optimization, which takes minutes. */
const run = ['linux-arm64-gnu', 'linux-x64-musl']
const optimized = { CARGO_PROFILE_RELEASE_LTO: 'false', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' }
/** How the others are built: whether one links does not depend on how well it is optimized. */
const cheap = { ...optimized, CARGO_PROFILE_RELEASE_OPT_LEVEL: '0' }
/** After so many minutes no target but the first is begun. */
const beginMinutes = 8

export async function check({ skip }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') skip('cross builds are made on Debian for x64')
  const { perform } = await import('../../../scripts/cross/perform.mjs')
  const { MissingError } = await import('../../../scripts/cross/toolchain.mjs')
  const details = []
  const missing = []
  const late = []

  async function attempt(name, how) {
    if (name !== run[0] && performance.now() > beginMinutes * 60_000) return late.push(name)
    try {
      details.push(await perform(name, how))
    } catch (error) {
      if (!(error instanceof MissingError)) throw error
      console.log(error.message)
      missing.push({ name, reason: error.message.split('\n')[0] })
    }
  }
  for (const name of run) await attempt(name, { env: optimized, withTests: false })
  const others = Object.keys(crossTargets).filter((name) => !run.includes(name))
  for (const name of others) await attempt(name, { onlyLink: true, env: cheap })

  const ran = details.filter(({ programs }) => programs > 0)
  if (ran.length === 0) skip(missing[0].reason)
  const linked = details.filter(({ programs }) => programs === 0).map(({ name }) => name)
  const notes = [
    ...ran.map(({ name, under }) => `${name} under ${under}`),
    ...(linked.length > 0 ? [`only linked: ${linked.join(', ')}`] : []),
    ...(late.length > 0 ? [`no time for ${late.join(', ')}`] : []),
    ...missing.map(({ name, reason }) => `not ${name}: ${reason}`),
  ]
  const count = ran.reduce((sum, { programs }) => sum + programs, 0)
  return { count, unit: 'program runs', note: notes.join('; '), details }
}
