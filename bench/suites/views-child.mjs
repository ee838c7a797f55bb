/**
 * Gets large values of one size from a published file, as views or as copies. Takes the job as JSON in its argument, prints
 * as JSON the mean nanoseconds of processor of a get, of a get whose value is read whole, and the bytes that a get copied.
 */

import { SledStore, codec } from 'sledstore'

const microsecondsMin = 200_000

const { file, count, views } = JSON.parse(process.argv[2])

const snapshot = await SledStore.openSnapshot(file, { views })
const values = snapshot.namespace('values', { value: codec.bytes() })
const keyOf = (at) => String((at * 7919) % count)

/** Mean nanoseconds of processor, for others may use the machine as well; over so many gets that its clock is fine enough. */
function timed(use) {
  for (let gets = 64; ; gets *= 4) {
    const before = process.cpuUsage()
    for (let at = 0; at < gets; at++) use(values.get(keyOf(at)))
    const { user, system } = process.cpuUsage(before)
    if (user + system >= microsecondsMin) return ((user + system) * 1000) / gets
  }
}

let found = 0
let copied = 0
const whole = (value) => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  found += bytes.indexOf(0xff) // no value has this byte, so all are looked at
}
// The first pass maps the pages, and compares each value with its checksum.
for (let at = 0; at < count; at++) whole(values.get(keyOf(at)))
const fileBytes = snapshot.stats().disk.total
for (let at = 0; at < count; at++) {
  const value = values.get(keyOf(at))
  if (value.buffer.byteLength !== fileBytes) copied += value.length
}
const get = timed(() => {})
const read = timed(whole)
console.log(JSON.stringify({ get, read, copied: copied / count, found }))
await snapshot.close()
