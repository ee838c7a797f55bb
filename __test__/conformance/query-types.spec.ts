import { assert, bigInt, integer, property } from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import {
  Duration,
  LocalDate,
  LocalDateTime,
  LocalTime,
  OffsetTime,
  Point,
  SledStore,
  ZonedDateTime,
  type QueryTyped,
} from '../../lib/index.js'

const store = SledStore.memory()
const graph = store.graph('typed')
afterAll(() => store.close())

/** A value on its way through a parameter and a result, with what the language writes for it. */
function there(value: QueryTyped): { back: unknown; text: unknown } {
  return graph.querySync('RETURN $value AS back, toString($value) AS text', { value }).single() as never
}

const examples: QueryTyped[] = [
  new LocalDate(2015, 7, 21),
  new LocalDate(-999_999_999, 1, 1),
  new LocalDate(999_999_999, 12, 31),
  new LocalDate(0, 2, 29),
  new LocalDate(10_000, 1, 1),
  new LocalTime(21, 40),
  new LocalTime(21, 40, 32, 142_000_001),
  new LocalTime(0, 0, 0, 1),
  new OffsetTime(23, 59, 59, 999_999_999, 18 * 3_600),
  new OffsetTime(0, 0, 0, 0, -3_600),
  new OffsetTime(1, 2, 0, 0, 3_208),
  new OffsetTime(1, 2, 3, 0, 0),
  new LocalDateTime(2015, 7, 21, 21, 40, 32, 142_000_000),
  new LocalDateTime(-999_999_999, 1, 1),
  new LocalDateTime(999_999_999, 12, 31, 23, 59, 59, 999_999_999),
  ZonedDateTime.parse('2015-07-21T21:40:32.142+02:00[Europe/Stockholm]'),
  ZonedDateTime.parse('2015-07-21T21:40:32.142[Europe/Stockholm]'),
  ZonedDateTime.parse('1818-07-21T21:40:32.142[Europe/Stockholm]'),
  ZonedDateTime.parse('2017-10-29T02:30+01:00[Europe/Stockholm]'),
  ZonedDateTime.parse('1969-12-31T23:59:59.999999999Z'),
  new ZonedDateTime({ year: 999_999_999, month: 12, day: 31, hour: 23, offsetSeconds: 60 }),
  new ZonedDateTime({ year: 2024, month: 12, day: 31, hour: 23, timeZone: 'Pacific/Kiritimati' }),
  new ZonedDateTime({ year: 2024, month: 6, day: 1, timeZone: 'Pacific/Pago_Pago' }),
  new Duration({}),
  new Duration({ years: 1, months: 14, weeks: 1, days: -3, hours: 30, minutes: 1, seconds: 2, milliseconds: 3 }),
  new Duration({ nanoseconds: -1 }),
  new Duration({ seconds: -61, nanoseconds: -500_000_000 }),
  new Duration({ months: 2n ** 63n - 1n, days: -(2n ** 63n), seconds: 2n ** 63n - 1n, nanoseconds: 999_999_999 }),
  new Point({ x: 1, y: -2.5 }),
  new Point({ x: 1e21, y: 1e-7, z: -0 }),
  new Point({ longitude: 12.5, latitude: 56.25 }),
  new Point({ longitude: -180, latitude: 90, height: 1e16 }),
]

test('a value goes through parameters and results as it is, and has the text of the language', () => {
  for (const value of examples) {
    const { back, text } = there(value)
    expect(back).toStrictEqual(value)
    expect(value.equals(back)).toBe(true)
    if (value.type !== 'point') expect(text).toBe(String(value))
    expect(
      graph.querySync(`RETURN ${value.type === 'point' ? String(value) : '$v'} = $v AS same`, { v: value }).single(),
    ).toEqual({
      same: true,
    })
  }
})

test('a value is a property, also of lists, whichever way it is read', async () => {
  const list = [new LocalDate(2020, 1, 2), new LocalDate(2021, 1, 2)]
  const properties = { ...Object.fromEntries(examples.map((value, at) => [`p${at}`, value])), list }
  const id = await graph.addNode({ labels: 'Typed', properties })
  expect(graph.node(id)?.properties).toStrictEqual(properties)
  const { n } = graph.querySync<{ n: { properties: object } }>('MATCH (n:Typed) RETURN n').single()
  expect(n.properties).toStrictEqual(properties)
  const born = new LocalDate(2015, 7, 21)
  expect(graph.querySync('MATCH (n:Typed {p0: $born}) RETURN count(n) AS n', { born }).single()).toEqual({ n: 1 })
  expect(graph.find({ label: 'Typed', where: { p0: born } }).map((node) => node.id)).toEqual([id])
})

test('what the language computes is read as the same value', () => {
  const row = graph
    .querySync(
      `RETURN date('1984-10-11') AS date, localtime('12:31:14.645876123') AS localtime,
         time('12:31:14.645876123+01:00') AS time, localdatetime('1984-10-11T12:31:14.645') AS localdatetime,
         datetime('1984-10-11T12:31:14.645+01:00[Europe/Berlin]') AS datetime,
         duration('P1Y2M3DT4H5M6.007S') AS duration, point({x: 1, y: 2, z: 3}) AS point`,
    )
    .single()
  expect(row).toStrictEqual({
    date: LocalDate.parse('1984-10-11'),
    localtime: LocalTime.parse('12:31:14.645876123'),
    time: OffsetTime.parse('12:31:14.645876123+01:00'),
    localdatetime: LocalDateTime.parse('1984-10-11T12:31:14.645'),
    datetime: ZonedDateTime.parse('1984-10-11T12:31:14.645+01:00[Europe/Berlin]'),
    duration: Duration.parse('P1Y2M3DT4H5M6.007S'),
    point: new Point({ x: 1, y: 2, z: 3 }),
  })
  expect(JSON.stringify(row['date'])).toBe('"1984-10-11"')
  expect(JSON.parse(JSON.stringify(row['point']))).toEqual({ x: 1, y: 2, z: 3, crs: 'cartesian-3d' })
})

test('any day, moment and duration reads back from its text and from the language', () => {
  const day = integer({ min: -365_243_219_162, max: 365_241_780_471 })
  const nanosecond = integer({ min: 0, max: 999_999_999 })
  const offset = integer({ min: -64_800, max: 64_800 })
  const big = bigInt({ min: -(2n ** 62n), max: 2n ** 62n })
  assert(
    property(day, integer({ min: 0, max: 86_399 }), nanosecond, offset, big, big, (days, second, ns, ahead, a, b) => {
      const { date, moment } = graph
        .querySync<{ date: LocalDate; moment: LocalDateTime }>(
          `WITH date({year: 0}) + duration({days: $days}) AS date
           RETURN date, localdatetime({date: date, hour: $h, minute: $m, second: $s, nanosecond: $ns}) AS moment`,
          {
            days: days % 300_000_000,
            h: Math.floor(second / 3_600),
            m: Math.floor(second / 60) % 60,
            s: second % 60,
            ns,
          },
        )
        .single()
      const zoned = new ZonedDateTime({ ...moment, offsetSeconds: ahead })
      const duration = new Duration({ months: a, days: b, seconds: a, nanoseconds: ns })
      for (const value of [date, moment, zoned, duration]) {
        const parse = (value.constructor as unknown as { parse(text: string): QueryTyped }).parse
        expect(parse(String(value))).toStrictEqual(value)
        const { back, text } = there(value)
        expect(back).toStrictEqual(value)
        expect(text).toBe(String(value))
      }
    }),
    { numRuns: 200 },
  )
})

test('a Date is a moment of UTC, and comes back from one', () => {
  const date = new Date('2024-02-29T12:00:00.001Z')
  const moment = graph.querySync<{ m: ZonedDateTime }>('RETURN $date AS m', { date }).single().m
  expect(moment).toStrictEqual(ZonedDateTime.fromDate(date))
  expect(moment.toDate()).toEqual(date)
  expect(String(ZonedDateTime.fromDate(date, 'Europe/Berlin'))).toBe('2024-02-29T13:00:00.001+01:00[Europe/Berlin]')
  const before = new Date(-1)
  expect(String(ZonedDateTime.fromDate(before))).toBe('1969-12-31T23:59:59.999Z')
  expect(ZonedDateTime.fromDate(before).toDate()).toEqual(before)
  expect(LocalDate.fromDate(before)).toStrictEqual(new LocalDate(1969, 12, 31))
  expect(new LocalDate(1969, 12, 31).toDate()).toEqual(new Date('1969-12-31'))
  expect(() => new LocalDate(300_000, 1, 1).toDate()).toThrow(RangeError)
})

test('zones are those of the language', () => {
  const zones = [
    'Europe/Stockholm',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Africa/Monrovia',
    'UTC',
  ]
  for (const timeZone of zones) {
    for (const year of [1850, 1917, 1945, 1971, 1999, 2024, 2100]) {
      for (const [month, day] of [
        [1, 1],
        [3, 31],
        [7, 15],
        [10, 27],
      ] as const) {
        const fields = { year, month, day, hour: 12, timeZone }
        const text =
          'RETURN datetime({year: $year, month: $month, day: $day, hour: $hour, timezone: $timeZone}) AS moment'
        expect(graph.querySync(text, fields).single()).toStrictEqual({ moment: new ZonedDateTime(fields) })
      }
    }
  }
  const twice = { year: 2017, month: 10, day: 29, hour: 2, minute: 30, timeZone: 'Europe/Stockholm' }
  expect(new ZonedDateTime(twice).offsetSeconds).toBe(7_200)
  expect(() => new ZonedDateTime({ ...twice, month: 3, day: 26 })).toThrow(RangeError)
  expect(() => new ZonedDateTime({ ...twice, offsetSeconds: 0 })).toThrow(RangeError)
  expect(() => new ZonedDateTime({ ...twice, timeZone: 'Europe/Nowhere' })).toThrow(RangeError)
})

test('what is no value is refused, and a value never changes', () => {
  for (const make of [
    () => new LocalDate(2023, 2, 29),
    () => new LocalDate(1_000_000_000, 1, 1),
    () => new LocalTime(24, 0),
    () => new OffsetTime(0, 0, 0, 0, 64_801),
    () => new Duration({ months: 2n ** 63n }),
    () => new Duration({ seconds: 1.5 }),
    () => new Duration({ fortnights: 1 } as never),
    () => new Point({ longitude: 181, latitude: 0 }),
    () => new Point({ x: Number.NaN, y: 0 }),
    () => new Point({ x: 0, y: 0, crs: 'wgs-84-3d' }),
    () => LocalDate.parse('2015-7-21'),
    () => LocalTime.parse('21:40:61'),
    () => Duration.parse('P'),
    () => Duration.parse('PT'),
    () => Duration.parse('P1.5Y'),
    () => ZonedDateTime.parse('2015-07-21T21:40'),
  ]) {
    expect(make, String(make)).toThrow(RangeError)
  }
  expect(() => new ZonedDateTime({ year: 2024, month: 1, day: 1 })).toThrow(TypeError)
  const date = new LocalDate(2024, 1, 1)
  expect(() => Object.assign(date, { year: 1 })).toThrow(TypeError)
  expect(date.equals(new LocalDate(2024, 1, 2))).toBe(false)
  expect(date.equals(new LocalDateTime(2024, 1, 1))).toBe(false)
})

test('bytes and vectors are properties, whichever way they are written and read', async () => {
  const bytes = Uint8Array.of(0, 255, 128)
  const vector = Float32Array.of(0.1, -2, 3e10)
  const values = { bytes, vector, all: [vector, Float32Array.of(1)], some: [bytes, Uint8Array.of()] }
  const made = graph.querySync<{ n: { id: number; properties: object } }>(
    'CREATE (n:Raw {bytes: $bytes, vector: $vector, all: $all, some: $some}) RETURN n',
    values,
  )
  const { n } = made.single()
  expect(n.properties).toStrictEqual(values)
  expect(graph.node(n.id)?.properties).toStrictEqual(values)
  const added = await graph.addNode({ labels: 'Raw', properties: values })
  const { id: merged } = await graph.merge({ label: 'Raw', key: 'name', properties: { name: 'm', ...values } })
  await graph.load({ nodes: [{ key: 1, labels: 'Raw', properties: values }], edges: [] })
  await graph.addEdge({ type: 'RAW', source: added, target: merged, properties: values })
  expect(graph.querySync('MATCH (n:Raw) WHERE n.name IS NULL RETURN properties(n) AS p').toArray()).toStrictEqual([
    { p: values },
    { p: values },
    { p: values },
  ])
  expect(graph.querySync('MATCH ()-[r:RAW]->(n) RETURN properties(r) AS p, n.all AS all').single()).toStrictEqual({
    p: values,
    all: values.all,
  })
  const found = 'MATCH (n:Raw {vector: $vector, bytes: $bytes, all: $all, some: $some}) RETURN count(n) AS n'
  for (const property of ['bytes', 'vector', 'all']) {
    expect(graph.querySync(found, values).single()).toEqual({ n: 4 })
    await graph.createIndex({ label: 'Raw', property })
    expect(graph.find({ label: 'Raw', where: { [property]: values[property as 'bytes'] } }).length).toBe(4)
  }
  expect(graph.querySync(found, values).single()).toEqual({ n: 4 })
  expect(graph.querySync(found, { ...values, vector: Float32Array.of(0.1, -2) }).single()).toEqual({ n: 0 })
})

test('the language compares and measures bytes and vectors, and refuses the rest', () => {
  const values = {
    b: Uint8Array.of(1, 2),
    c: Uint8Array.of(1, 3),
    v: Float32Array.of(1, 2),
    w: Float32Array.of(1, 2, 3),
  }
  const row = graph.querySync(
    `RETURN $b = $b AS same, $b = $c AS other, $b < $c AS less, $v = $v AS alike, $v = $w AS longer, $v = [1.0, 2.0] AS list,
       size($b) AS bytes, size($w) AS dimensions, isEmpty($v) AS empty, $v IN [$w, $v] AS among,
       size(collect(DISTINCT $v)) AS distinct`,
    values,
  )
  expect(row.single()).toEqual({
    same: true,
    other: false,
    less: true,
    alike: true,
    longer: false,
    list: false,
    bytes: 2,
    dimensions: 3,
    empty: false,
    among: true,
    distinct: 1,
  })
  for (const wrong of [new Float32Array(0), Float32Array.of(NaN)])
    expect(() => graph.querySync('RETURN $wrong', { wrong })).toThrow(RangeError)
  for (const text of ['$b + 1', '$v + $v', '$b + "x"', '$v[0]', '$b.x', 'toString($v)', 'head($b)', '-$v', 'sum($v)']) {
    expect(() => graph.querySync(`RETURN ${text} AS x`, values), text).toThrow(
      expect.objectContaining({
        code: 'QUERY_FAILED',
        query: expect.objectContaining({ kind: 'TypeError' }) as unknown,
      }),
    )
  }
})
