import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VALUE_BYTES_MAX } from '../../lib/codec.js'
import { KEY_BYTES_MAX, KEY_NESTING_MAX } from '../../lib/key-codec.js'
import { DIMENSIONS_MAX } from '../../lib/vector-buffer.js'

/** The constants of a Rust file, by name; only products and shifts of literals occur. */
function constants(path: string): Map<string, number> {
  const rust = readFileSync(new URL(`../../crate/engine/src/${path}`, import.meta.url), 'utf8')
  const found = [...rust.matchAll(/const (\w+): (?:usize|u64) = ([\d_]+)(?: << (\d+))?;/g)]
  return new Map(
    found.map(([, name, value, shift]) => [String(name), Number(value?.replaceAll('_', '')) * 2 ** Number(shift ?? 0)]),
  )
}

it('limits are those of the engine', () => {
  const options = constants('options.rs')
  expect(options.get('KEY_BYTES_MAX')).toBe(KEY_BYTES_MAX)
  expect(options.get('VALUE_BYTES_MAX')).toBe(VALUE_BYTES_MAX)
  expect(constants('tuple.rs').get('NESTING_MAX')).toBe(KEY_NESTING_MAX)
  expect(constants('../../vector/src/row.rs').get('DIMENSIONS_MAX')).toBe(DIMENSIONS_MAX)
})
