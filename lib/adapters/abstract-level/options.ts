/**
 * Options of the calls. What this store cannot honor is refused: an option that is silently dropped is found out when it
 * hurts.
 */
import type { StoreOptions, WriteOptions } from 'sledstore'
import type { OpenOptions } from './types.js'

/** Options of other stores of the family, and what to do instead. */
const foreign: Readonly<Record<string, string>> = {
  cacheSize: 'memory has one budget here: use memoryBudget or profile',
  writeBufferSize: 'memory has one budget here: use memoryBudget or profile',
  blockSize: 'the block follows from the memory budget: leave it out',
  blockRestartInterval: 'blocks have no such setting: leave it out',
  maxOpenFiles: 'the store keeps few files open: leave it out',
  maxFileSize: 'the store has one data file: leave it out',
  infoLogLevel: 'the store writes no log: use db.store.stats()',
  readOnly: 'a store is opened by one process, to read and write: leave it out',
  fillCache: 'every read goes through the cache, which keeps what is used often: leave it out',
  asyncReads: 'reads are synchronous underneath: leave it out',
  durability: 'use sync: true for "full"; other writes are "os"',
}

const encodingNames = ['keyEncoding', 'valueEncoding']
const rangeNames = ['gt', 'gte', 'lt', 'lte', 'reverse', 'limit']
const readNames = new Set([...encodingNames, 'snapshot'])
const iteratorNames = new Set([
  ...readNames,
  ...rangeNames,
  'keys',
  'values',
  'signal',
  'highWaterMark',
  'highWaterMarkBytes',
])
const openNames = new Set([
  'createIfMissing',
  'errorIfExists',
  'insecureFolder',
  'passive',
  'multithreading',
  'compression',
  'memoryBudget',
  'profile',
  'tuning',
])

function refused(where: string, name: string): TypeError {
  const hint = Object.hasOwn(foreign, name) ? foreign[name] : 'check its name'
  return new TypeError(`${where} has no option "${name}" here; ${hint}`)
}

function checkNames(where: string, options: object, known: ReadonlySet<string>): void {
  for (const name in options) if (!known.has(name)) throw refused(where, name)
}

/** For calls whose options abstract-level hands to hooks and listeners, too: other names may be meant for them. */
function refuseForeign(where: string, options: object): void {
  for (const name in options) if (Object.hasOwn(foreign, name)) throw refused(where, name)
}

/** Options that were found good and cannot change: abstract-level passes the same frozen object to calls without options. */
let passed: object | undefined

/** Checks the options of a read of single keys. */
export function checkReadOptions(where: string, options: object): void {
  if (options === passed) return
  checkNames(where, options, readNames)
  if (Object.isFrozen(options)) passed = options
}

/** Checks the options of an iterator. */
export function checkIteratorOptions(options: object): void {
  checkNames('iterator', options, iteratorNames)
}

/** Checks what a database is made with, as far as that can be told before its hooks are there. */
export function checkConstructorOptions(isOverStore: boolean, options: object): void {
  refuseForeign('SledLevel', options)
  if (!isOverStore) return
  for (const name of openNames) {
    if (name in options)
      throw new TypeError(`SledLevel has no option "${name}" over an open store, whose options are settled`)
  }
}

/** Checks the options of `open`; names that nobody knows are good only where a hook receives them. */
export function checkOpenOptions(options: OpenOptions, isHooked: boolean): void {
  if (isHooked) refuseForeign('open', options)
  else checkNames('open', options, openNames)
  const { multithreading } = options
  if (multithreading === undefined || multithreading === true) return
  throw new TypeError('open cannot have multithreading: false; threads of a process share a store, so leave it out')
}

/** The store's options behind those of `open`. */
export function storeOptions(options: OpenOptions): StoreOptions {
  const { createIfMissing, errorIfExists, insecureFolder, compression = true, memoryBudget, profile, tuning } = options
  return {
    ...(createIfMissing === undefined ? {} : { createIfMissing }),
    ...(errorIfExists === undefined ? {} : { errorIfExists }),
    ...(insecureFolder === undefined ? {} : { insecureFolder }),
    ...(compression === true ? {} : { compression: compression === false ? 'none' : compression }),
    ...(memoryBudget === undefined ? {} : { memoryBudget }),
    ...(profile === undefined ? {} : { profile }),
    ...(tuning === undefined ? {} : { tuning }),
  }
}

const full: WriteOptions = Object.freeze({ durability: 'full' })
const os: WriteOptions = Object.freeze({ durability: 'os' })

/** The level of a write. */
export function writeOptions(where: string, options: object): WriteOptions {
  refuseForeign(where, options)
  return levelOf((options as { sync?: unknown }).sync)
}

/** Whether any operation of a batch asks for more than the batch does. */
export function batchOptions(options: object, operations: readonly { readonly sync?: unknown }[]): WriteOptions {
  let level = writeOptions('batch', options)
  for (const { sync } of operations) if (sync !== undefined && levelOf(sync) === full) level = full
  return level
}

function levelOf(sync: unknown): WriteOptions {
  if (sync === undefined || sync === false) return os
  if (sync === true) return full
  throw new TypeError('sync must be true or false')
}
