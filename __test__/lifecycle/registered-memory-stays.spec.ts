/** The memory that the addon goes on using between calls cannot be taken from under it. */
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { codec, SledStore } from '../../lib/index.js'

interface Addon {
  register(keys: Uint8Array, values: Uint8Array, writes: Uint8Array, state: Int32Array): number
  lastError(): { code: string } | null
  readonly [environment: symbol]: {
    readonly keys: Uint8Array
    readonly values: Uint8Array
    readonly writer: { readonly buffer: Uint8Array }
    readonly state: Int32Array
  }
}

const addon = createRequire(import.meta.url)('../../lib/native/binding.cjs') as Addon
const environment = () => addon[Symbol.for('sledstore.environment')]!

it('what the package registers cannot be transferred, also when it has grown', async () => {
  const store = SledStore.memory()
  const rows = store.namespace('rows', { value: codec.bytes() })
  await rows.put('long', new Uint8Array(200_000).fill(7))
  for (let round = 0; round < 2; round++) {
    expect(rows.get('long')).toHaveLength(200_000)
    const { keys, values, writer, state } = environment()
    for (const { buffer } of [keys, values, writer.buffer, state])
      expect(() => structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })).toThrow()
  }
  expect(rows.get('long')?.every((byte) => byte === 7)).toBe(true)
  await store.close()
})

const shared = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes))
const stateWords = () => new Int32Array(new SharedArrayBuffer(64))

it('an ArrayBuffer is not registered, for it can be transferred or cut', () => {
  const bytes = 1 << 14
  const plain = new Uint8Array(bytes)
  const resizable = new Uint8Array(Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: 2 * bytes }]) as ArrayBuffer)
  for (const other of [plain, resizable]) {
    const places: [Uint8Array, Uint8Array, Uint8Array][] = [
      [other, shared(bytes), shared(bytes)],
      [shared(bytes), other, shared(bytes)],
      [shared(bytes), shared(bytes), other],
    ]
    for (const arrays of places) {
      expect(addon.register(...arrays, stateWords())).toBe(-3)
      expect(addon.lastError()?.code).toBe('INVALID_ARGUMENT')
    }
  }
  expect(addon.register(shared(bytes), shared(bytes), shared(bytes), new Int32Array(16))).toBe(-3)
  expect(addon.register(shared(bytes), shared(bytes), shared(bytes), stateWords())).toBe(0)
  const { keys, values, writer, state } = environment()
  expect(addon.register(keys, values, writer.buffer, state)).toBe(0)
})
