/** Reads the values that the kit writes into its tables. */

import { Node, Path, Relationship } from './values.mjs'

/** Text that is no value of the kit's notation. */
export class ValueError extends Error {}

const name = /[\p{L}\p{N}_$]+/uy
const float = /-?(?:(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|Inf\b|NaN\b)/y
const integer = /-?\d+/y
const blank = /\s*/y

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

/** What a backslash stands before; a table's own escapes are already undone when its cells are read. */
const escapes = new Map([
  ["'", "'"],
  ['\\', '\\'],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
])

const words = new Map([
  ['null', null],
  ['true', true],
  ['false', false],
])

/**
 * Reads a value. Temporal values are strings in the kit; nodes of a path have their place as id, others have none.
 *
 * @param {string} text
 */
export function parseValue(text) {
  const reader = new Reader(text)
  reader.skipBlank()
  const value = reader.value()
  reader.skipBlank()
  if (reader.at !== text.length) reader.fail('the end')
  return value
}

class Reader {
  at = 0

  /** @param {string} text */
  constructor(text) {
    this.text = text
  }

  fail(wanted) {
    throw new ValueError(`${this.text}: ${wanted} is missing at ${this.at}`)
  }

  skipBlank() {
    this.match(blank)
  }

  /** Takes what a sticky pattern finds here; undefined when it finds nothing. */
  match(pattern) {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  has(token) {
    return this.text.startsWith(token, this.at)
  }

  take(token) {
    if (!this.has(token)) return false
    this.at += token.length
    return true
  }

  expect(token) {
    if (!this.take(token)) this.fail(token)
  }

  value() {
    if (this.has('(')) return this.node()
    if (this.has('[:')) return this.relationship()
    if (this.has('[')) return this.list()
    if (this.has('<')) return this.path()
    if (this.has('{')) return this.map()
    if (this.has("'")) return this.string()
    return this.number() ?? this.word()
  }

  number() {
    const written = this.match(float)
    if (written !== undefined) return Number(written.replace('Inf', 'Infinity'))
    const digits = this.match(integer)
    if (digits === undefined) return undefined
    const value = BigInt(digits)
    if (value < int64Min || value > int64Max) throw new ValueError(`${digits} is no integer of 64 bits`)
    return value
  }

  word() {
    const written = this.match(name)
    if (written === undefined || !words.has(written)) this.fail('a value')
    return words.get(written)
  }

  /** A backslash that stands alone before the last quote is one, for a table makes one of two. */
  string() {
    this.expect("'")
    let value = ''
    while (!this.take("'")) {
      const character = this.text[this.at]
      if (character === undefined) this.fail('a quote')
      const meant = character === '\\' ? escapes.get(this.text[this.at + 1]) : undefined
      const isLastQuote = meant === "'" && !this.text.includes("'", this.at + 2)
      const escaped = meant !== undefined && !isLastQuote
      value += escaped ? meant : character
      this.at += escaped ? 2 : 1
    }
    return value
  }

  name() {
    if (!this.take('`')) return this.match(name) ?? this.fail('a name')
    const end = this.text.indexOf('`', this.at)
    if (end < 0) this.fail('`')
    const quoted = this.text.slice(this.at, end)
    this.at = end + 1
    return quoted
  }

  /** What stands between the brackets, parted by commas. */
  series(close, one) {
    const series = []
    this.skipBlank()
    while (!this.take(close)) {
      if (series.length > 0) this.expect(',')
      this.skipBlank()
      series.push(one())
      this.skipBlank()
    }
    return series
  }

  list() {
    this.expect('[')
    return this.series(']', () => this.value())
  }

  map() {
    this.expect('{')
    const entries = this.series('}', () => {
      const key = this.name()
      this.skipBlank()
      this.expect(':')
      this.skipBlank()
      return [key, this.value()]
    })
    const map = Object.fromEntries(entries)
    if (Object.keys(map).length !== entries.length) this.fail('a map with each key once')
    return map
  }

  properties() {
    this.skipBlank()
    const properties = this.has('{') ? this.map() : {}
    this.skipBlank()
    return properties
  }

  node(id) {
    this.expect('(')
    const labels = []
    while (this.take(':')) labels.push(this.name())
    const properties = this.properties()
    this.expect(')')
    return new Node(id, labels, properties)
  }

  relationship(start, end) {
    this.expect('[:')
    const type = this.name()
    const properties = this.properties()
    this.expect(']')
    return new Relationship(undefined, start, end, type, properties)
  }

  path() {
    this.expect('<')
    const nodes = [this.node(0)]
    const relationships = []
    while (!this.take('>')) {
      const [here, next] = [nodes.length - 1, nodes.length]
      if (this.take('<-')) {
        relationships.push(this.relationship(next, here))
        this.expect('-')
      } else {
        this.expect('-')
        relationships.push(this.relationship(here, next))
        this.expect('->')
      }
      nodes.push(this.node(next))
    }
    return new Path(nodes, relationships)
  }
}
