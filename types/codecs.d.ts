// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.

/** A value that can stand in a key. */
export type KeyPart = null | boolean | number | bigint | Date | Uint8Array | string | readonly KeyPart[]
/**
 * Turns values into bytes and back; one of {@link codec}. `T` is what reading gives, `I` what writing takes.
 */
export interface Codec<T, I = T> {
  /** Stored in every value. */
  readonly id: number
  /** Stored with the namespace, and named in errors. */
  readonly name: string
  /** Only for the compiler. */
  '~types'?(input: I): T
}
/** What reading through a codec gives. */
export type ValueOf<C> = C extends Codec<infer T, infer _I> ? T : never
/** What writing through a codec takes. */
export type ValueInputOf<C> = C extends Codec<infer _T, infer I> ? I : never
/** What an own codec is made of. */
export interface CustomCodec<T, I = T> {
  /** From 128 to 255; stored in every value, so never give it another meaning. */
  readonly id: number
  readonly name: string
  /** Makes the bytes. */
  readonly encode: (value: I) => Uint8Array
  /** Reads bytes, a copy that may be kept. */
  readonly decode: (bytes: Uint8Array) => T
}
/** What can be written as a vector. */
export type VectorInput = Float32Array | Float64Array | readonly number[]
/** What {@link codec} holds. */
export interface Codecs {
  /**
   * MessagePack, the default: everything JSON holds, and undefined, NaN, ±Infinity, bigint, Date and `Uint8Array`
   * inside; Map, Set, typed arrays, RegExp and Error too, in a form only JavaScript reads. Like JSON it takes an
   * instance of a class for its fields or its `toJSON`, a hole for undefined, and −0 for 0. Functions, symbols,
   * promises, boxed values, lone surrogates and values that contain themselves are refused; a Buffer comes back as
   * `Uint8Array`.
   */
  msgpack<T = unknown>(): Codec<T>
  /** JSON text, by the rules of `JSON.stringify`. */
  json<T = unknown>(): Codec<T>
  /** Text. Lone surrogates are refused. */
  utf8(): Codec<string>
  /** Bytes as they are, read back as `Uint8Array`. */
  bytes(): Codec<Uint8Array>
  /** Vectors of f32, four bytes each; with `dimensions`, of just that length. Refuses what f32 cannot hold. */
  vector(dimensions?: number): Codec<Float32Array, VectorInput>
  /**
   * An own codec.
   *
   * @example
   * ```ts
   * const packed = codec.custom<Point>({ id: 128, name: 'point', encode: packPoint, decode: unpackPoint })
   * ```
   */
  custom<T, I = T>(options: CustomCodec<T, I>): Codec<T, I>
}
/**
 * Turns keys of type `K` into bytes whose order is the order of the keys; one of {@link key}. `P` is what may stand as
 * the prefix of a range, `never` where keys have no prefixes.
 */
export interface KeyCodec<K, P = never> {
  /** Stored with the namespace, and compared when it is opened again. */
  readonly name: string
  /** Value codecs have one, and are no key codecs. */
  readonly id?: never
  '~types'?(key: K, prefix: P): K
}
/** The key type of a codec: `KeyOf<typeof key.string>` is `string`. */
export type KeyOf<C> = C extends KeyCodec<infer K, infer _P> ? K : never
/** The prefix type of a codec. */
export type PrefixOf<C> = C extends KeyCodec<infer _K, infer P> ? P : never
type AnyKeyCodec = KeyCodec<any, any>
/** The tuple of keys of several codecs. */
type TupleOf<C extends readonly AnyKeyCodec[]> = { readonly [I in keyof C]: KeyOf<C[I]> }
/** The tuple itself or any number of its leading parts. */
type LeadingParts<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown]
  ? T | LeadingParts<Readonly<Head>>
  : readonly []
/** What {@link key} holds. */
export interface KeyCodecs {
  /** Text, ordered by code point; the prefix of a range is a text prefix. Lone surrogates are refused. */
  readonly string: KeyCodec<string, string>
  /** Bytes as they are, ordered bytewise; read back as `Uint8Array`. */
  readonly bytes: KeyCodec<Uint8Array, Uint8Array>
  /** Numbers from −Infinity to Infinity; −0 is 0, NaN is refused. */
  readonly number: KeyCodec<number>
  /** Integers of any size, as far as the key's limit reaches. */
  readonly bigint: KeyCodec<bigint>
  /** Points in time, to the millisecond; an invalid Date is refused. */
  readonly date: KeyCodec<Date>
  /** false, then true. */
  readonly boolean: KeyCodec<boolean>
  /**
   * Arrays of fixed length with a codec for each part, ordered part by part; the prefix of a range is any number of
   * leading parts.
   */
  tuple<const C extends readonly AnyKeyCodec[]>(...codecs: C): KeyCodec<TupleOf<C>, LeadingParts<TupleOf<C>>>
  /**
   * Anything a key can be made of, mixed: null < false < true < number < bigint < Date < bytes < string < array.
   * The prefix of a range is a text prefix, a bytes prefix, or the leading parts of an array.
   */
  readonly any: KeyCodec<KeyPart, string | Uint8Array | readonly KeyPart[]>
}
/**
 * The value codecs. Putting `undefined` is a `TypeError` with each of them.
 *
 * @example
 * ```ts
 * const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
 * const pages = store.namespace('pages', { key: key.string, value: codec.utf8() })
 * ```
 */
export declare const codec: Codecs
/**
 * The key codecs.
 *
 * @example
 * ```ts
 * const users = store.namespace('users', { key: key.string })
 * const posts = store.namespace('posts', { key: key.tuple(key.string, key.date) })
 * posts.scan({ prefix: ['ann'] }) // every post of ann, oldest first
 * ```
 */
export declare const key: KeyCodecs
export {}
