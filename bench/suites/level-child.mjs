/**
 * The calls of abstract-level on one database, in a process of its own. Takes the job as JSON in its argument, prints for
 * each workload the mean of one row or call: microseconds that passed, and microseconds of processor, of all threads.
 */

const job = JSON.parse(process.argv[2])
const { rows } = job

const keyOf = (number) => `user:${String((number * 7919) % rows).padStart(10, '0')}`
const half = 'x'.repeat(50)
const valueOf = (number) => half + ((number + 1) * 0.6180339887498949).toString(36).repeat(5).slice(2, 52)

async function open() {
  if (job.engine === 'sledstore') {
    const { SledLevel } = await import('sledstore/abstract-level')
    return new SledLevel(job.folder, { memoryBudget: job.memoryBytes })
  }
  const { ClassicLevel } = await import('classic-level')
  // Two write buffers of a quarter each, and a cache of the other half.
  return new ClassicLevel(job.folder, { cacheSize: job.memoryBytes / 2, writeBufferSize: job.memoryBytes / 4 })
}

async function takeAll(iterator) {
  let count = 0
  for await (const _ of iterator) count++
  if (count !== rows) throw new Error(`${count} of ${rows} rows were read`)
}

const many = Math.floor(rows / 10)
const together = 100

/** Each has the number of its rows or calls. */
const workloads = {
  'put, 100 at once': [rows, (db) => groups(rows, (numbers) => Promise.all(numbers.map((at) => put(db, at))))],
  'put, each awaited': [many, (db) => each(many, (at) => put(db, at))],
  'batch of 100': [rows, (db) => groups(rows, (numbers) => db.batch(numbers.map(operationOf)))],
  'chained batch of 100': [rows, (db) => groups(rows, (numbers) => chained(db, numbers))],
  'get, each awaited': [rows, (db) => each(rows, (at) => db.get(keyOf(at * 3)))],
  'get, 100 at once': [
    rows,
    (db) => groups(rows, (numbers) => Promise.all(numbers.map((at) => db.get(keyOf(at * 3))))),
  ],
  'get as buffer': [rows, (db) => each(rows, (at) => db.get(keyOf(at * 3), { valueEncoding: 'buffer' }))],
  getSync: [rows, (db) => each(rows, (at) => db.getSync(keyOf(at * 3)))],
  'getMany of 100': [rows, (db) => groups(rows, (numbers) => db.getMany(numbers.map(keyOf)))],
  has: [rows, (db) => each(rows, (at) => db.has(keyOf(at * 3)))],
  'for await, all rows': [rows, (db) => takeAll(db.iterator())],
  'for await, all keys': [rows, (db) => takeAll(db.keys())],
  'all(), all rows': [rows, (db) => db.iterator().all()],
  'range of 10': [many, (db) => each(many, (at) => db.iterator({ gte: keyOf(at), limit: 10 }).all())],
  'first of a range': [many, (db) => each(many, (at) => firstOf(db.iterator({ gte: keyOf(at) })))],
  'seek and next': [many, (db) => seeking(db)],
}

const put = (db, at) => db.put(keyOf(at), valueOf(at))
const operationOf = (at) => ({ type: 'put', key: keyOf(at), value: valueOf(at) })

async function each(count, step) {
  for (let at = 0; at < count; at++) await step(at)
}

async function groups(count, step) {
  for (let at = 0; at < count; at += together) await step(Array.from({ length: together }, (_, index) => at + index))
}

function chained(db, numbers) {
  const batch = db.batch()
  for (const at of numbers) batch.put(keyOf(at), valueOf(at))
  return batch.write()
}

async function firstOf(iterator) {
  await iterator.next()
  await iterator.close()
}

async function seeking(db) {
  const iterator = db.iterator()
  for (let at = 0; at < many; at++) {
    iterator.seek(keyOf(at))
    await iterator.next()
  }
  await iterator.close()
}

const db = await open()
await db.open()
const answer = {}
for (const [name, [count, run]] of Object.entries(workloads)) {
  // Reads have a pass before, for the compiler and the caches; writes are all there is of them.
  if (!/put|batch/.test(name)) await run(db)
  const before = process.cpuUsage()
  const started = performance.now()
  await run(db)
  const passed = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  answer[name] = { mean: (passed * 1000) / count, processor: (user + system) / count }
}
await db.close()
console.log(JSON.stringify(answer))
