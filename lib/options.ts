/**
 * The options of a store and of its calls: their types, their checks and their defaults.
 */
import { outOfRange, SledStoreError, typeError, unknownOption, wrongType } from './errors.js'

/**
 * When a write is answered: `full` after fdatasync (survives a power cut), `os` when the kernel has it (survives a
 * killed process), `none` at once (written within 100 ms and at exit).
 */
export type Durability = 'full' | 'os' | 'none'

/** A named memory budget: 24, 48, 128 and 1,024 MiB. */
export type Profile = 'embedded' | 'mobile' | 'desktop' | 'server'

/** How a store is opened. */
export interface StoreOptions {
  /** Create the store when the folder holds none. Default: true. */
  readonly createIfMissing?: boolean
  /** Refuse a store that exists already. Default: false. */
  readonly errorIfExists?: boolean
  /** `warn` opens a folder that every user may write to. */
  readonly insecureFolder?: 'refuse' | 'warn'
  /** Level of writes that name none. Default: `full`. */
  readonly durability?: Durability
  /** Bytes for memtables, caches and buffers together; at least 24 MiB. Default: that of the profile. */
  readonly memoryBudget?: number
  /** A named memory budget, instead of a number. Default: `desktop`. */
  readonly profile?: Profile
  /** Compression of the blocks, chosen when the store is created. Default: what an existing store has; else `lz4`. */
  readonly compression?: 'lz4' | 'deflate' | 'none'
  /** Sizes that tests and measurements make small. */
  readonly tuning?: { readonly memtableBytes?: number; readonly blockBytes?: number }
}

/** How a write is answered. */
export interface WriteOptions {
  /** Level of this write. Default: that of the store. */
  readonly durability?: Durability
}

/** How long work is followed and ended. */
export interface WorkOptions<P> {
  /** Called at the beginning, at the end and now and then between. */
  readonly onProgress?: (progress: P) => void
  /** Ends the work at once; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal
}

/** Bytes of the profiles' budgets. Mirrors `Profile` of the engine. */
export const profileBytes: Readonly<Record<Profile, number>> = Object.freeze({
  embedded: 24 << 20,
  mobile: 48 << 20,
  desktop: 128 << 20,
  server: 1 << 30,
})

/** Smallest accepted memory budget. Mirrors `MEMORY_BUDGET_MIN` of the engine. */
export const MEMORY_BUDGET_MIN = 24 << 20

const levels: Readonly<Record<Durability, number>> = { none: 0, os: 1, full: 2 }

/** Store options with every default filled in. */
export interface CheckedStoreOptions {
  createIfMissing: boolean
  errorIfExists: boolean
  allowInsecureFolder: boolean
  /** 0 none, 1 os, 2 full. */
  durability: number
  memoryBudget: number
  compression?: 'lz4' | 'deflate' | 'none'
  memtableBytes?: number
  blockBytes?: number
}

const storeOptionNames = [
  'createIfMissing',
  'errorIfExists',
  'insecureFolder',
  'durability',
  'memoryBudget',
  'profile',
  'compression',
  'tuning',
] as const satisfies readonly (keyof StoreOptions)[]

/** Checks the options of `SledStore.open` and fills in the defaults. */
export function checkStoreOptions(where: string, options: StoreOptions = {}): CheckedStoreOptions {
  checkNames(where, options, storeOptionNames)
  const { memoryBudget, profile = 'desktop', compression, insecureFolder = 'refuse', tuning } = options
  if (!Object.hasOwn(profileBytes, profile)) {
    throw outOfRange('profile', 'embedded, mobile, desktop or server', profile)
  }
  if (memoryBudget !== undefined) {
    if (typeof memoryBudget !== 'number') throw wrongType('memoryBudget', 'a number of bytes', memoryBudget)
    if (!Number.isSafeInteger(memoryBudget) || memoryBudget < MEMORY_BUDGET_MIN) {
      throw outOfRange('memoryBudget', `a whole number of bytes, at least ${MEMORY_BUDGET_MIN}`, memoryBudget)
    }
    if (options.profile !== undefined) throw typeError(`${where} takes memoryBudget or profile, not both`)
  }
  if (compression !== undefined && compression !== 'lz4' && compression !== 'deflate' && compression !== 'none')
    throw outOfRange('compression', 'lz4, deflate or none', compression)
  if (insecureFolder !== 'refuse' && insecureFolder !== 'warn')
    throw outOfRange('insecureFolder', 'refuse or warn', insecureFolder)
  return {
    createIfMissing: checkBoolean('createIfMissing', options.createIfMissing, true),
    errorIfExists: checkBoolean('errorIfExists', options.errorIfExists, false),
    allowInsecureFolder: insecureFolder === 'warn',
    durability: levelOf(options.durability, levels.full),
    memoryBudget: memoryBudget ?? profileBytes[profile],
    ...(compression === undefined ? {} : { compression }),
    ...checkTuning(tuning),
  }
}

function checkTuning(tuning: StoreOptions['tuning']): { memtableBytes?: number; blockBytes?: number } {
  const checked: { memtableBytes?: number; blockBytes?: number } = {}
  if (tuning === undefined) return checked
  checkNames('tuning', tuning, ['memtableBytes', 'blockBytes'])
  for (const name of ['memtableBytes', 'blockBytes'] as const) {
    const bytes = tuning[name]
    if (bytes === undefined) continue
    if (!Number.isSafeInteger(bytes) || bytes <= 0) throw outOfRange(name, 'a whole number of bytes above 0', bytes)
    checked[name] = bytes
  }
  return checked
}

const writeOptionNames = ['durability'] as const satisfies readonly (keyof WriteOptions)[]

/** The level that a write's options name, as the addon's number; `inherited` when they name none. */
export function writeLevel(where: string, options: WriteOptions | undefined, inherited: number): number {
  if (options === undefined) return inherited
  checkNames(where, options, writeOptionNames)
  return levelOf(options.durability, inherited)
}

/** The addon's number of a durability level. */
export function levelOf(durability: unknown, inherited: number): number {
  if (durability === undefined) return inherited
  if (typeof durability === 'string' && Object.hasOwn(levels, durability)) return levels[durability as Durability]
  throw outOfRange('durability', 'full, os or none', durability)
}

/** Refuses anything but an object, and names nobody knows. */
export function checkNames(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType(`the options of ${where}`, 'an object', options)
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(where, name, known)
  }
}

/** A boolean option. */
export function checkBoolean(name: string, value: unknown, inherited: boolean): boolean {
  if (value === undefined) return inherited
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value)
  return value
}

/** A whole number option of at least `least`. */
export function checkCount(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number') throw wrongType(name, 'a number', value)
  if (!Number.isSafeInteger(value) || value < least) throw outOfRange(name, `a whole number, at least ${least}`, value)
  return value
}

/** A function, or nothing. */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw wrongType(name, 'a function', value)
}

/** An AbortSignal, or nothing. */
export function checkSignal(value: unknown): void {
  if (value === undefined) return
  const signal = value as Partial<AbortSignal> | null
  if (typeof signal !== 'object' || typeof signal?.aborted !== 'boolean' || !('addEventListener' in signal)) {
    throw wrongType('signal', 'an AbortSignal', value)
  }
}

/** Ends work that its caller's signal has ended. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal)
}

/** The error of work that its caller's signal has ended. */
export function aborted(signal: AbortSignal): SledStoreError {
  return new SledStoreError('ABORTED', 'the operation was ended by its signal', { cause: signal.reason })
}
