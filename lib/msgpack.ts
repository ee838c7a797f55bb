/**
 * MessagePack for values, in two forms: plain maps (codec 3), which any MessagePack reader understands, and full types
 * (codec 4), which keep Map, Set, typed arrays and the like as extensions of msgpackr. A value is looked through once
 * to choose the form, and to refuse what neither would give back.
 */
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr/pack'
import { describe, rangeError, typeError } from './errors.js'
import { isWellFormed, plainBytes } from './utf8.js'
import type { ValueWriter } from './value-writer.js'

/** Deepest nesting of a value. */
export const VALUE_NESTING_MAX = 512

const KEEP_BYTES = 1024 * 1024

// `copyBuffers`: nothing decoded may alias the shared value buffer.
const plain = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true })
const full = new Packr({ useRecords: true, structuredClone: true, moreTypes: true, copyBuffers: true })

/** Writes a value; returns whether it needed the full types. */
export function writeMsgpack(value: unknown, writer: ValueWriter): boolean {
  const needsFull = inspect(value, 0)
  const packr = needsFull ? full : plain
  // msgpackr keeps one buffer for everyone who uses it in this process. It must never be the writer's: another user's
  // results would be views of it. So the result is copied out, and msgpackr rewound.
  const packed = packr.pack(value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE) as Buffer & { start?: number; end?: number }
  // Values with repeated references come as a view of their own.
  const start = packed.start ?? 0
  const end = packed.end ?? packed.length
  writer.reserve(end - start)
  packed.copy(writer.buffer, writer.position, start, end)
  writer.position += end - start
  if (packed.length > KEEP_BYTES) packr.useBuffer(Buffer.allocUnsafeSlow(8_192))
  return needsFull
}

const range = { start: 0, end: 0 }

/** Reads the value in `[start, end)`. */
export function readMsgpack(source: Uint8Array, start: number, end: number, isFull: boolean): unknown {
  range.start = start
  range.end = end
  return (isFull ? full : plain).unpack(plainBytes(source) as Buffer, range)
}

/** Whether a value needs the full types; throws on what cannot be given back. */
function inspect(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      checkText(value)
      return false
    case 'bigint':
      return value !== BigInt.asIntN(64, value) && value !== BigInt.asUintN(64, value)
    case 'function':
    case 'symbol':
      throw unstorable(value)
    case 'object':
      return value !== null && inspectObject(value, depth)
    default:
      return false
  }
}

function inspectObject(value: object, depth: number): boolean {
  if (depth >= VALUE_NESTING_MAX) {
    throw rangeError(`value must nest at most ${VALUE_NESTING_MAX} levels; does it contain itself?`)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return inspectProperties(value, depth)
  if (Array.isArray(value)) {
    let needsFull = false
    for (let index = 0; index < value.length; index++) {
      if (inspect(value[index], depth + 1)) needsFull = true
    }
    return needsFull
  }
  return inspectInstance(value, depth)
}

function inspectProperties(value: object, depth: number): boolean {
  let needsFull = false
  for (const name of Object.keys(value)) {
    // Reading it back would set the prototype, so msgpackr renames it.
    if (name === '__proto__') throw typeError('value must not have a property named __proto__; use codec.json()')
    checkText(name)
    if (inspect((value as Record<string, unknown>)[name], depth + 1)) needsFull = true
  }
  return needsFull
}

function inspectInstance(value: object, depth: number): boolean {
  if (value instanceof Date || value instanceof Uint8Array) return false
  if (value instanceof Map || value instanceof Set) {
    for (const [name, entry] of value.entries()) {
      inspect(name, depth + 1)
      inspect(entry, depth + 1)
    }
    return true
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true
  if (value instanceof RegExp || value instanceof Error) return true
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return inspect(toJSON.call(value), depth + 1)
  // Promises, weak collections, boxed values, generators, …: their content is not in their properties.
  if (Object.prototype.toString.call(value) !== '[object Object]') throw unstorable(value)
  return inspectProperties(value, depth)
}

function checkText(text: string): void {
  if (!isWellFormed(text)) {
    throw typeError('value must hold well-formed text, but has a lone surrogate; use toWellFormed() or codec.json()')
  }
}

function unstorable(value: unknown): TypeError {
  const hint = value instanceof Promise ? '; await it first' : ''
  return typeError(`value must consist of data, but holds ${describe(value)}${hint}`)
}
