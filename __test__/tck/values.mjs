/** Values of the language that JavaScript has no own type for, and their text in the kit's notation. */

/** A node; `id` is what it is told from others by, and is undefined in an expectation. */
export class Node {
  /** @param {unknown} id @param {string[]} labels @param {Record<string, unknown>} properties */
  constructor(id, labels = [], properties = {}) {
    this.id = id
    this.labels = labels
    this.properties = properties
  }
}

/** A relationship from the node with the id `start` to the one with the id `end`. */
export class Relationship {
  /** @param {unknown} id @param {unknown} start @param {unknown} end @param {string} type @param {Record<string, unknown>} properties */
  constructor(id, start, end, type, properties = {}) {
    this.id = id
    this.start = start
    this.end = end
    this.type = type
    this.properties = properties
  }
}

/** A path: its nodes in order, and the relationships between each and the next, whichever way they lead. */
export class Path {
  /** @param {Node[]} nodes @param {Relationship[]} relationships one less than nodes */
  constructor(nodes, relationships = []) {
    this.nodes = nodes
    this.relationships = relationships
  }

  /** Whether the relationship at a place leads along the path, against it, or, as a loop, both ways. */
  directions(at) {
    const { start, end } = this.relationships[at]
    const here = this.nodes[at].id
    const next = this.nodes[at + 1].id
    return { forward: start === here && end === next, backward: start === next && end === here }
  }
}

/** A date, a time, a duration or the like, as the language's `toString` writes it. */
export class Temporal {
  /** @param {string} text */
  constructor(text) {
    this.text = text
  }
}

/** Whether a value is a map of the language. */
export function isMap(value) {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * A value as text: like the kit's, but labels and keys are sorted and a temporal value has no quotes, so that two values
 * have the same text only when they are the same.
 */
export function format(value) {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return formatFloat(value)
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(format).join(', ')}]`
  if (value instanceof Temporal) return value.text
  if (value instanceof Node) return `(${describe([...value.labels].sort(), value.properties)})`
  if (value instanceof Relationship) return `[${describe([value.type], value.properties)}]`
  if (value instanceof Path) return formatPath(value)
  if (isMap(value)) return formatMap(value)
  return `no value of the language: ${typeof value === 'object' ? value.constructor.name : String(value)}`
}

function formatFloat(value) {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf'
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function formatMap(map) {
  const entries = Object.keys(map).sort()
  return `{${entries.map((key) => `${key}: ${format(map[key])}`).join(', ')}}`
}

function describe(names, properties) {
  const labels = names.map((name) => `:${name}`).join('')
  return [labels, Object.keys(properties).length === 0 ? '' : formatMap(properties)].filter(Boolean).join(' ')
}

function formatPath(path) {
  let text = format(path.nodes[0])
  for (const [at, relationship] of path.relationships.entries()) {
    const { forward, backward } = path.directions(at)
    const link = format(relationship)
    const arrow = forward ? `-${link}->` : backward ? `<-${link}-` : `-${link}-`
    text += `${arrow}${format(path.nodes[at + 1])}`
  }
  return `<${text}>`
}
