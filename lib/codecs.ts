/**
 * The codecs that the package exports, without their insides.
 */
import { codec as codecCores } from './codec.js'
import type { Codecs, KeyCodecs } from './codec-types.js'
import { key as keyCodecCores } from './key-codec.js'

/**
 * The value codecs. Putting `undefined` is a `TypeError` with each of them.
 *
 * @example
 * ```ts
 * const users = store.namespace('users', { key: key.string, value: codec.json<User>() })
 * const pages = store.namespace('pages', { key: key.string, value: codec.utf8() })
 * ```
 */
export const codec: Codecs = codecCores

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
export const key: KeyCodecs = keyCodecCores
