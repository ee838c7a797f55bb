/** The README's example, and what it prints. */

import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** As it stands in the README: TypeScript that is JavaScript, too, but for one type argument. */
export const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''

/** The same as an ECMAScript module without types. */
export const asModule = example.replaceAll(/codec\.json<.*?>\(\)/g, 'codec.json()')

/** The same for `require`. */
export const asScript = asModule.replaceAll(/^import (\{.*\}) from ('.*')$/gm, 'const $1 = require($2)')

/** Fails unless it printed what the README promises; runtimes print an object each in its own way. */
export function printedRight(printed, by) {
  equal(printed.replaceAll(/[\s'",]/g, ''), 'Annbob{name:Bob}', by)
}
