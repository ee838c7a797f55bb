/** What is to be run, in which order: no process is started here. */

import { kvSuite } from './suite.mjs'

/** One engine by one package under one setting. */
export function variantsOf(adapters, engines) {
  return adapters
    .filter(({ engine }) => engines.includes(engine))
    .flatMap((adapter) =>
      adapter.settings.map((setting) => ({
        adapter,
        setting,
        id: `${adapter.packageName.split('/').at(-1)}-${setting.name}`,
      })),
    )
}

const levelOf = (workload) => workload.durability ?? 'os'

export function canRun({ adapter, setting }, workload) {
  return (
    setting.levels.includes(levelOf(workload)) &&
    (setting.only?.includes(workload.name) ?? true) &&
    workload.needs.every((operation) => adapter.can.includes(operation))
  )
}

/** What tells one run from another, and so whether a result holds it already. */
export function runKey(run, { sizeFields } = kvSuite) {
  const { seed, workload, package: packageName, setting, round } = run
  return JSON.stringify([...sizeFields.map((field) => run[field]), seed, workload, packageName, setting, round])
}

/** What a run is recorded with, beside what it measured. */
export function aboutRun({ size, seed, workload, variant, round }, { sizeFields } = kvSuite) {
  return {
    workload: workload.name,
    engine: variant.adapter.engine,
    package: variant.adapter.packageName,
    setting: variant.setting.name,
    durability: levelOf(workload),
    ...Object.fromEntries(sizeFields.map((field) => [field, size[field]])),
    seed,
    round,
  }
}

/**
 * Stages one after the other: of each size first the workloads that begin with nothing, then those of each kind of
 * prepared store, so that only one kind of them takes space at a time. In a stage every workload is run by every engine
 * in turn, round after round, and another engine begins each round.
 *
 * @param {object} wanted
 * @param {(import('./sizes.mjs').Size | import('../graph/sizes.mjs').GraphSize)[]} wanted.sizes
 * @param {number} wanted.seed
 * @param {import('../adapters/index.mjs').Adapter[]} wanted.adapters
 * @param {import('../workloads/index.mjs').Workload[]} wanted.workloads all there are
 * @param {Set<string>} [wanted.done] keys of the runs that a result holds already
 * @param {import('./suite.mjs').Suite} [wanted.suite]
 */
export function planOf({ sizes, seed, adapters, workloads, done = new Set(), suite = kvSuite }) {
  const stages = []
  for (const size of sizes) {
    const selected = workloads.filter(({ name }) => size.workloads.includes(name))
    for (const store of suite.stores) {
      const runs = runsOf({ size, seed, variants: variantsOf(adapters, size.engines) }, selected, store)
      const left = runs.filter((run) => !done.has(runKey(aboutRun(run, suite), suite)))
      if (left.length > 0) stages.push({ size, store, runs: left })
    }
  }
  return stages
}

function runsOf({ size, seed, variants }, workloads, store) {
  const runs = []
  for (let round = 1; round <= size.rounds; round++) {
    for (const workload of workloads.filter((one) => one.store === store && round <= (one.rounds ?? Infinity))) {
      const able = variants.filter((variant) => canRun(variant, workload))
      for (let turn = 0; turn < able.length; turn++)
        runs.push({ size, seed, workload, round, variant: able[(turn + round) % able.length] })
    }
  }
  return runs
}
