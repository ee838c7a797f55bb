/**
 * Namespaces: typed maps of ordered keys.
 */
import type { Readable } from 'node:stream'
import { modeOf } from './internal/lifecycle.js'
import { NamespaceCore } from './internal/namespace-core.js'
import { native } from './internal/native.js'
import type { Namespace } from './namespace-types.js'
import { writeLevel, type WriteOptions } from './options.js'
import { putLevel, ttlOf, type PutOptions } from './put-options.js'
import { clearRange, countRange, countRangeAsync, type Range, type ScanOptions } from './range.js'
import { openAsyncScan, openScan, type AsyncScan, type Scan } from './scan.js'
import { validate } from './schema.js'
import { openStream, storeStream, type ValueSource } from './value-stream.js'

/** What `store.namespace` gives; the types of keys and values are the caller's business. */
export class UntypedNamespace extends NamespaceCore implements Namespace<unknown, unknown, unknown> {
  get(key: unknown): unknown {
    return this.read(key, 0)
  }

  has(key: unknown): boolean {
    return this.exists(key, 0)
  }

  getMany(wanted: Iterable<unknown>): unknown[] {
    return this.readMany(wanted, 0)
  }

  scan(options?: ScanOptions<unknown, unknown>): Scan<[unknown, unknown]> {
    return openScan(this, this, 'entry', options)
  }

  keys(options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return openScan(this, this, 'key', options)
  }

  values(options?: ScanOptions<unknown, unknown>): Scan<unknown> {
    return openScan(this, this, 'value', options)
  }

  count(range?: Range<unknown, unknown>): number {
    return countRange(this, range, 0)
  }

  async getAsync(key: unknown): Promise<unknown> {
    return this.readAsync(key, 0)
  }

  async getManyAsync(wanted: Iterable<unknown>): Promise<unknown[]> {
    return this.readManyAsync(wanted, 0)
  }

  scanAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<[unknown, unknown]> {
    return openAsyncScan(this, this, 'entry', options)
  }

  keysAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<unknown> {
    return openAsyncScan(this, this, 'key', options)
  }

  valuesAsync(options?: ScanOptions<unknown, unknown>): AsyncScan<unknown> {
    return openAsyncScan(this, this, 'value', options)
  }

  async countAsync(range?: Range<unknown, unknown>): Promise<number> {
    return countRangeAsync(this, range)
  }

  put(key: unknown, value: unknown, options?: PutOptions): Promise<void> {
    try {
      const level = putLevel('put', options, this.store.level)
      const ttl = ttlOf(options)
      const checked = this.schema === undefined ? value : validate(this.schema, value, 'async', this.subject(key))
      if (checked instanceof Promise) return checked.then((late) => this.#putNow(key, late, level, ttl))
      return this.#putNow(key, checked, level, ttl)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  #putNow(key: unknown, value: unknown, level: number, ttl: number): Promise<void> {
    return this.store.durable(level, this.write(key, value, modeOf(level), ttl))
  }

  putSync(key: unknown, value: unknown, options?: PutOptions): void {
    const level = putLevel('putSync', options, this.store.level)
    this.write(key, this.checkValue(key, value), -1 - level, ttlOf(options))
  }

  delete(key: unknown, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('delete', options, this.store.level)
      return this.store.durable(level, this.erase(key, modeOf(level)))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  deleteSync(key: unknown, options?: WriteOptions): void {
    this.erase(key, -1 - writeLevel('deleteSync', options, this.store.level))
  }

  clear(range?: Range<unknown, unknown>, options?: WriteOptions): Promise<void> {
    try {
      const level = writeLevel('clear', options, this.store.level)
      return this.store.durable(level, clearRange(this, range, modeOf(level)))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  clearSync(range?: Range<unknown, unknown>, options?: WriteOptions): void {
    clearRange(this, range, -1 - writeLevel('clearSync', options, this.store.level))
  }

  async compareAndSet(key: unknown, expected: unknown, value: unknown, options?: WriteOptions): Promise<boolean> {
    const level = writeLevel('compareAndSet', options, this.store.level)
    const checked =
      value === undefined || this.schema === undefined
        ? value
        : await validate(this.schema, value, 'async', this.subject(key))
    const done = this.#compareAndSet(key, expected, checked, 0)
    // Without a wait, who asks again and again would keep the others from ever changing the row.
    await this.store.durable(done ? level : 0)
    return done
  }

  compareAndSetSync(key: unknown, expected: unknown, value: unknown, options?: WriteOptions): boolean {
    const level = writeLevel('compareAndSetSync', options, this.store.level)
    return this.#compareAndSet(key, expected, value === undefined ? value : this.checkValue(key, value), level)
  }

  #compareAndSet(key: unknown, expected: unknown, value: unknown, level: number): boolean {
    const before = this.encodeCopy(expected)
    const after = this.encodeCopy(value)
    const keyBytes = this.keyCopy(key)
    return this.store.call(() => native.compareAndSet(this.handle, keyBytes, before, after, level))
  }

  async putStream(key: unknown, source: ValueSource, options?: PutOptions): Promise<void> {
    const level = putLevel('putStream', options, this.store.level)
    await storeStream(this, key, source, ttlOf(options))
    return this.store.durable(level)
  }

  getStream(key: unknown): Promise<Readable | undefined> {
    return openStream(this, key)
  }
}
