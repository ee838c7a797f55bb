/**
 * Values of queries out of MessagePack, in one pass; `crate/cypher/src/store/encode.rs` documents the form.
 */
import { Encoded } from './encoded.js'
import { wrongType } from './errors.js'
import { extensionOf } from './graph-value.js'
import type { QueryTyped } from './typed-value.js'

/** What a query gives. */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | QueryNode
  | QueryRelationship
  | QueryPath
  | QueryTyped
  | QueryValue[]
  | { [name: string]: QueryValue }

/** A node in a result. */
export class QueryNode {
  constructor(
    readonly id: number,
    readonly labels: readonly string[],
    readonly properties: Readonly<Record<string, QueryValue>>,
  ) {}
}

/** A relationship in a result. */
export class QueryRelationship {
  constructor(
    readonly id: number,
    readonly type: string,
    readonly source: number,
    readonly target: number,
    readonly properties: Readonly<Record<string, QueryValue>>,
  ) {}
}

/** A path in a result: its nodes, and the relationships between each and the next, whichever way they lead. */
export class QueryPath {
  constructor(
    readonly nodes: readonly QueryNode[],
    readonly relationships: readonly QueryRelationship[],
  ) {}
}

/**
 * Marks a whole number as a float in a parameter, where 5 alone is an integer.
 *
 * @example
 * ```ts
 * graph.querySync('RETURN $half / 2 AS half', { half: float(5) }).first() // { half: 2.5 }
 * ```
 */
export function float(value: number): Encoded {
  if (typeof value !== 'number') throw wrongType('value', 'a number', value)
  return new Float(value)
}

export class Float extends Encoded {
  readonly #value: number

  constructor(value: number) {
    super()
    this.#value = value
  }

  protected packed(): Uint8Array {
    const bytes = Buffer.alloc(9)
    bytes[0] = 0xcb
    bytes.writeDoubleBE(this.#value, 1)
    return bytes
  }
}

/** Reads values one after the other. */
export class ValueReader {
  readonly #bytes: Buffer
  readonly #exact: boolean
  at: number

  constructor(bytes: Buffer, at: number, exact: boolean) {
    this.#bytes = bytes
    this.at = at
    this.#exact = exact
  }

  value(): QueryValue {
    const marker = this.#bytes[this.at++]!
    if (marker <= 0x7f) return this.#integer(marker)
    if (marker >= 0xe0) return this.#integer(marker - 256)
    if (marker >= 0xa0 && marker <= 0xbf) return this.#text(marker & 0x1f)
    if (marker >= 0x90 && marker <= 0x9f) return this.#list(marker & 0x0f)
    if (marker <= 0x8f) return this.#map(marker & 0x0f)
    return this.#marked(marker)
  }

  #marked(marker: number): QueryValue {
    switch (marker) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        return this.#bytes.readDoubleBE(this.#step(8))
      case 0xce:
        return this.#bytes.readUInt32BE(this.#step(4))
      case 0xd2:
        return this.#integer(this.#bytes.readInt32BE(this.#step(4)))
      case 0xd3: {
        const integer = this.#bytes.readBigInt64BE(this.#step(8))
        const number = Number(integer)
        return this.#exact || !Number.isSafeInteger(number) ? integer : number
      }
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(marker - 0xd9))
      case 0xc4:
      case 0xc5:
      case 0xc6:
        // A copy, and no Buffer.
        return new Uint8Array(this.#bytes.subarray(this.#step(this.#length(marker - 0xc4)), this.at))
      case 0xdc:
      case 0xdd:
        return this.#list(this.#length(marker - 0xdb))
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(marker - 0xdd))
      default:
        return this.#extension(this.#length(2))
    }
  }

  #integer(number: number): number | bigint {
    return this.#exact ? BigInt(number) : number
  }

  #step(bytes: number): number {
    const start = this.at
    this.at += bytes
    return start
  }

  #length(size: number): number {
    if (size === 0) return this.#bytes[this.at++]!
    return size === 1 ? this.#bytes.readUInt16BE(this.#step(2)) : this.#bytes.readUInt32BE(this.#step(4))
  }

  #text(length: number): string {
    const start = this.#step(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  #list(length: number): QueryValue[] {
    const list: QueryValue[] = []
    for (let index = 0; index < length; index++) list.push(this.value())
    return list
  }

  #map(length: number): Record<string, QueryValue> {
    const map: Record<string, QueryValue> = {}
    for (let index = 0; index < length; index++) put(map, this.value() as string, this.value())
    return map
  }

  #extension(length: number): QueryValue {
    const number = this.#bytes[this.at++]!
    const end = this.at + length
    switch (number) {
      case 32:
        return new QueryNode(Number(this.value()), this.value() as string[], this.value() as Record<string, QueryValue>)
      case 33:
        return new QueryRelationship(
          Number(this.value()),
          this.value() as string,
          Number(this.value()),
          Number(this.value()),
          this.value() as Record<string, QueryValue>,
        )
      case 34: {
        const steps = this.value() as (QueryNode | QueryRelationship)[]
        const nodes = steps.filter((step) => step instanceof QueryNode)
        return new QueryPath(
          nodes,
          steps.filter((step) => step instanceof QueryRelationship),
        )
      }
      default:
        return extensionOf(number, this.#view(end)) as QueryTyped | Float32Array
    }
  }

  /** The bytes up to an end, which are left behind. */
  #view(end: number): DataView {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.at, end - this.at)
    this.at = end
    return view
  }
}

/** Sets a property of any name, `__proto__` included. */
export function put(target: Record<string, QueryValue>, name: string, value: QueryValue): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
