/** What engines cannot be asked: skipped, and said. */

/**
 * @param {import('./adapters/index.mjs').GraphAdapter[]} adapters
 * @param {import('./workloads/index.mjs').GraphWorkload[]} workloads
 * @param {import('./sizes.mjs').GraphSize[]} sizes that are asked for
 * @returns {{ engine: string, reason: string, workloads: string[] }[]}
 */
export function lacking(adapters, workloads, sizes) {
  const groups = new Map()
  const isAsked = ({ name }, engine) =>
    sizes.some((size) => size.workloads.includes(name) && size.engines.includes(engine))
  for (const { engine, can, lacks = {} } of adapters) {
    for (const workload of workloads.filter((one) => isAsked(one, engine))) {
      const missing = workload.needs.find((operation) => !can.includes(operation))
      if (missing === undefined) continue
      const reason = lacks[missing]
      const key = `${engine} ${reason}`
      const group = groups.get(key) ?? { engine, reason, workloads: [] }
      group.workloads.push(workload.name)
      groups.set(key, group)
    }
  }
  return [...groups.values()]
}
