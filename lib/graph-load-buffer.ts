/**
 * Pages of a load as the addon takes them; `crate/graph/src/load.rs` defines the form.
 */
import { wrongType } from './errors.js'
import { writeCount, writeListHead, writeProperties, writeText } from './graph-value.js'
import { ValueWriter } from './value-writer.js'

const NAME = 0
const NODE = 1
const EDGE = 2
const WHERE = 6
const SOURCE_PRESENT = 1
const TARGET_PRESENT = 2

const EMPTY_MAP = 0x80

/** Bytes of a page. */
export const PAGE_BYTES = 1 << 20

/** A page being written. */
export class LoadPage {
  readonly writer = new ValueWriter({ bytes: PAGE_BYTES + (PAGE_BYTES >> 2) })
  readonly #names = new Map<string, number>()
  /** Types of which the load knows where they lead. */
  readonly #known = new Set<string>()

  get isFull(): boolean {
    return this.writer.position >= PAGE_BYTES
  }

  /** What was written; valid until the next write. */
  get bytes(): Uint8Array {
    return this.writer.buffer.subarray(0, this.writer.position)
  }

  /** Begins the next page. */
  reset(): void {
    this.writer.reset()
    this.#names.clear()
  }

  node(labels: readonly string[], properties: unknown): void {
    this.#begin()
    for (const label of labels) this.#name('label', label)
    this.writer.writeByte(NODE)
    this.#labels(labels)
    this.#properties(properties)
  }

  /** Ends are places in the load, or ids of nodes that the graph has. */
  edge(
    type: string,
    source: number,
    sourceIsPresent: boolean,
    target: number,
    targetIsPresent: boolean,
    properties: unknown,
    ends: { readonly from: readonly string[]; readonly to: readonly string[] } | undefined,
  ): void {
    const { writer } = this
    this.#begin()
    const number = this.#name('type', type)
    if (ends !== undefined && !this.#known.has(type)) this.#where(type, number, [ends.from, ends.to])
    writer.writeByte(EDGE + (sourceIsPresent ? SOURCE_PRESENT : 0) + (targetIsPresent ? TARGET_PRESENT : 0))
    writeCount(number, writer)
    writeCount(source, writer)
    writeCount(target, writer)
    this.#properties(properties)
  }

  #where(type: string, number: number, ends: readonly (readonly string[])[]): void {
    this.#known.add(type)
    for (const label of ends.flat()) this.#name('label', label)
    this.writer.writeByte(WHERE)
    writeCount(number, this.writer)
    for (const labels of ends) this.#labels(labels)
  }

  #labels(labels: readonly string[]): void {
    writeListHead(labels.length, this.writer)
    for (const label of labels) writeCount(this.#names.get(label)!, this.writer)
  }

  #begin(): void {
    this.writer.valueStart = this.writer.position
  }

  #properties(properties: unknown): void {
    if (properties === undefined) this.writer.writeByte(EMPTY_MAP)
    else writeProperties('properties', properties, this.writer, 'left out')
  }

  #name(what: string, name: unknown): number {
    const known = this.#names.get(name as string)
    if (known !== undefined) return known
    if (typeof name !== 'string') throw wrongType(what, 'a string', name)
    this.writer.writeByte(NAME)
    writeText(what, name, this.writer)
    const number = this.#names.size
    this.#names.set(name, number)
    return number
  }
}
