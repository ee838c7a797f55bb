/** Tables for the terminal. */

import { isRising, metricNames } from './summary.mjs'

const own = 'sledstore'

/**
 * Every metric with SledStore's ratio to each peer: SledStore's value ÷ the peer's. A "+" marks where SledStore is
 * better, a "−" where it is worse, by more than 5 %.
 *
 * @param {object[]} records
 * @param {string[]} [metrics] in the order in which they stand
 */
export function ratioTable(records, metrics = metricNames) {
  const peers = [...new Set(records.map(({ engine }) => engine))].filter((engine) => engine !== own)
  const rows = [['workload', 'metric', own, ...peers.flatMap((peer) => [peer, `÷ ${peer}`])]]
  for (const workload of new Set(records.map((record) => record.workload))) {
    for (const metric of metrics) {
      const find = (engine) =>
        records.find((record) => record.workload === workload && record.metric === metric && record.engine === engine)
      const mine = find(own)
      const theirs = peers.map(find)
      if (mine === undefined && theirs.every((record) => record === undefined)) continue
      const cells = theirs.flatMap((record) => [cell(record), ratio(metric, mine, record)])
      rows.push([workload, metric, cell(mine), ...cells])
    }
  }
  return align(rows)
}

/** What a store adds to each program: MB, rounded as they are measured. */
export function memoryTable(records, programs) {
  const metrics = ['memory_peak', 'memory_settled', 'memory_anonymous']
  const rows = programs.map(({ name, title }) => [
    name,
    title,
    ...metrics.map((metric) => cell(records.find((record) => record.workload === name && record.metric === metric))),
  ])
  return align([['program', 'what it does', 'peak', 'settled', 'of it anonymous'], ...rows])
}

/** Two engines behind one interface: microseconds a row or call, that passed and of all processors. */
export function levelTable(records) {
  const names = [...new Set(records.map(({ workload }) => workload))]
  const find = (workload, engine, metric) =>
    records.find((one) => one.workload === workload && one.engine === engine && one.metric === metric)
  const rows = names.map((name) => {
    const cells = ['mean', 'processor'].flatMap((metric) => {
      const [mine, theirs] = ['sledstore', 'classic-level'].map((engine) => find(name, engine, metric))
      return [mine, theirs].map((one) => one.value.toFixed(2)).concat(ratio(metric, mine, theirs))
    })
    return [name, ...cells]
  })
  return align([['workload', 'sledstore', 'classic-level', 'ratio', 'its cpu', 'its cpu', 'ratio'], ...rows])
}

/** What the way into the engine costs: nanoseconds, and what of the budget is used. */
export function microTable(records) {
  const find = (workload, engine, metric) =>
    records.find((one) => one.workload === workload && one.engine === engine && one.metric === metric)
  const nanos = (record) => (record === undefined ? '–' : (record.value * 1000).toFixed(1))
  const rows = [...new Set(records.map(({ workload }) => workload))].map((workload) => {
    const [engine, raw, lib] = ['engine', 'raw', 'lib'].map((place) => find(workload, place, 'mean'))
    const crossing = find(workload, 'raw', 'crossing')
    const bytes = ['raw', 'lib'].map((place) => find(workload, place, 'allocated')?.value.toFixed(1) ?? '–')
    const isWithin = crossing.value <= crossing.params.budget
    const budget = `${(crossing.params.budget * 1000).toFixed(0)} ${isWithin ? '+' : '−'}`
    return [workload, crossing.params.title, nanos(engine), nanos(raw), nanos(crossing), budget, nanos(lib), ...bytes]
  })
  return align([['call', 'what it does', 'engine', 'raw', 'crossing', 'budget', 'lib', 'B raw', 'B lib'], ...rows])
}

/** Sizes against views and copies. */
export function viewsTable(records) {
  const names = [...new Set(records.map(({ workload }) => workload))]
  const engines = [...new Set(records.map(({ engine }) => engine))]
  const cell = (workload, engine, metric) => {
    const { value } = records.find((one) => one.workload === workload && one.engine === engine && one.metric === metric)
    return Math.round(value).toLocaleString('en')
  }
  const rows = names.flatMap((name) =>
    engines.map((engine) => [name, engine, ...['get', 'read', 'copied'].map((metric) => cell(name, engine, metric))]),
  )
  return align([['workload', 'kind', 'get, ns', 'get and read whole, ns', 'bytes copied'], ...rows])
}

/** The settings of every adapter, each with its reason. */
export function settingsTable(adapters) {
  const rows = [['engine', 'package', 'setting', 'memory', 'durability', 'other', 'reason', 'documentation']]
  for (const { engine, packageName, settings } of adapters) {
    for (const { name, memory, durability, other, reason, documentation } of settings)
      rows.push([engine, packageName, name, memory, durability, other, reason, documentation])
  }
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n')
}

export function ratio(metric, mine, theirs) {
  if (mine === undefined || theirs === undefined || theirs.value === 0) return ''
  const value = mine.value / theirs.value
  const better = isRising(metric) ? value > 1.05 : value < 0.95
  const worse = isRising(metric) ? value < 0.95 : value > 1.05
  return `${value.toFixed(2)} ${better ? '+' : worse ? '−' : ' '}`
}

export function cell(record) {
  if (record === undefined) return '–'
  const spread = Math.round((record.spread * 100) / 2)
  return `${amount(record)} ±${spread}%`
}

export function amount({ value, unit }) {
  if (unit === 'bytes') return `${(value / 1e6).toFixed(1)} MB`
  if (unit.endsWith('/s')) {
    if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`
    return value >= 1e3 ? `${(value / 1e3).toFixed(1)} k/s` : `${value.toFixed(0)} /s`
  }
  if (unit === 'x') return `${value.toFixed(2)} ×`
  if (unit === 'ms' && value < 0.1) return amount({ value: value * 1000, unit: 'us' })
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${unit === 'us' ? 'µs' : unit}`
}

/** A figure with half the range of its rounds, if there was more than one. */
export function amountAndSpread(record) {
  return record.rounds > 1 ? `${amount(record)} ±${Math.round(record.spread * 50)} %` : amount(record)
}

export function align(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row) =>
    row.map((text, column) => (column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join('  ')
  return [line(rows[0]), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join('\n')
}
