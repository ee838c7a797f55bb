/**
 * Dates and times of the query language.
 */
import { outOfRange, rangeError, typeError, wrongType } from './errors.js'
import {
  BILLION,
  checkDay,
  checkOffset,
  checkTime,
  civilOf,
  DAY_SECONDS,
  dayForm,
  dayOf,
  dayText,
  offsetAt,
  offsetForm,
  offsetOf,
  offsetText,
  partsOf,
  resolve,
  timeForm,
  timeOf,
  timeText,
} from './temporal-parts.js'
import { extension, QueryTyped } from './typed-value.js'

/** A day of the calendar. */
export class LocalDate extends QueryTyped {
  /** Within ±999,999,999; the year before 1 is 0. */
  readonly year: number
  readonly month: number
  readonly day: number

  constructor(year: number, month: number, day: number) {
    super()
    checkDay(year, month, day)
    this.year = year
    this.month = month
    this.day = day
    Object.freeze(this)
  }

  get type(): 'date' {
    return 'date'
  }

  /** Reads `2015-07-21`. */
  static parse(text: string): LocalDate {
    const [year, month, day] = partsOf('date', text, dateText, '2015-07-21').map(Number)
    return new LocalDate(year!, month!, day!)
  }

  /** The day of a `Date` in UTC. */
  static fromDate(date: Date): LocalDate {
    return dateOfDay(Math.floor(timeOfDate(date) / 86_400_000))
  }

  /** The midnight in UTC at which the day begins. */
  toDate(): Date {
    return dateOf(dayOf(this.year, this.month, this.day) * 86_400_000, this)
  }

  override toString(): string {
    return dayText(this.year, this.month, this.day)
  }

  protected packed(): Uint8Array {
    const day = dayOf(this.year, this.month, this.day)
    return extension(16, 8, (bytes) => bytes.setBigInt64(0, BigInt(day)))
  }
}

/** A time of day, wherever that is. */
export class LocalTime extends QueryTyped {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number

  constructor(hour: number, minute: number, second = 0, nanosecond = 0) {
    super()
    checkTime(hour, minute, second, nanosecond)
    this.hour = hour
    this.minute = minute
    this.second = second
    this.nanosecond = nanosecond
    Object.freeze(this)
  }

  get type(): 'localtime' {
    return 'localtime'
  }

  /** Reads `21:40`, `21:40:32` or `21:40:32.142`. */
  static parse(text: string): LocalTime {
    return new LocalTime(...timeOf(partsOf('time', text, localTimeText, '21:40:32.142')))
  }

  override toString(): string {
    return timeText(this.hour, this.minute, this.second, this.nanosecond)
  }

  protected packed(): Uint8Array {
    return extension(17, 8, (bytes) => bytes.setBigInt64(0, BigInt(nanosecondsOf(this))))
  }
}

/** A time of day at an offset from UTC. */
export class OffsetTime extends QueryTyped {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** How far it is ahead of UTC; at most 18 hours. */
  readonly offsetSeconds: number

  constructor(hour: number, minute: number, second: number, nanosecond: number, offsetSeconds: number) {
    super()
    checkTime(hour, minute, second, nanosecond)
    checkOffset(offsetSeconds)
    this.hour = hour
    this.minute = minute
    this.second = second
    this.nanosecond = nanosecond
    this.offsetSeconds = offsetSeconds
    Object.freeze(this)
  }

  get type(): 'time' {
    return 'time'
  }

  /** Reads `21:40:32.142+01:00`; `Z` is UTC. */
  static parse(text: string): OffsetTime {
    const parts = partsOf('time', text, timeTextWithOffset, '21:40:32.142+01:00')
    return new OffsetTime(...timeOf(parts), offsetOf(parts[4]!))
  }

  override toString(): string {
    return timeText(this.hour, this.minute, this.second, this.nanosecond) + offsetText(this.offsetSeconds)
  }

  protected packed(): Uint8Array {
    return extension(18, 12, (bytes) => {
      bytes.setBigInt64(0, BigInt(nanosecondsOf(this)))
      bytes.setInt32(8, this.offsetSeconds)
    })
  }
}

/** A day and a time of day, wherever that is. */
export class LocalDateTime extends QueryTyped {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number

  constructor(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, nanosecond = 0) {
    super()
    checkDay(year, month, day)
    checkTime(hour, minute, second, nanosecond)
    this.year = year
    this.month = month
    this.day = day
    this.hour = hour
    this.minute = minute
    this.second = second
    this.nanosecond = nanosecond
    Object.freeze(this)
  }

  get type(): 'localdatetime' {
    return 'localdatetime'
  }

  /** Reads `2015-07-21T21:40:32.142`. */
  static parse(text: string): LocalDateTime {
    const [year, month, day, ...time] = partsOf('datetime', text, localText, '2015-07-21T21:40:32.142')
    return new LocalDateTime(Number(year), Number(month), Number(day), ...timeOf(time))
  }

  override toString(): string {
    return localTextOf(this)
  }

  protected packed(): Uint8Array {
    return extension(19, 12, (bytes) => {
      bytes.setBigInt64(0, localSeconds(this))
      bytes.setInt32(8, this.nanosecond)
    })
  }
}

/** The fields of a {@link ZonedDateTime}; those of the time may be left out, and of offset and zone one. */
export interface ZonedFields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour?: number
  readonly minute?: number
  readonly second?: number
  readonly nanosecond?: number
  /** How far the local time is ahead of UTC. */
  readonly offsetSeconds?: number
  /** A name of the IANA. */
  readonly timeZone?: string
}

/** A moment, with the day and the time where it is: at an offset from UTC, or in a named zone. */
export class ZonedDateTime extends QueryTyped {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  readonly offsetSeconds: number
  /** Its name, as `Europe/Stockholm`; `undefined` at an offset alone. */
  readonly timeZone: string | undefined

  /**
   * Without an offset the zone's at that time is taken: the earlier where clocks are set back. With both they must agree.
   */
  constructor(fields: ZonedFields) {
    super()
    const { year, month, day, hour = 0, minute = 0, second = 0, nanosecond = 0, timeZone } = fields
    checkDay(year, month, day)
    checkTime(hour, minute, second, nanosecond)
    let { offsetSeconds } = fields
    if (timeZone !== undefined && !(computed in fields)) {
      if (typeof timeZone !== 'string') throw wrongType('timeZone', 'a string', timeZone)
      const given = dayOf(year, month, day) * DAY_SECONDS + (hour * 60 + minute) * 60 + second
      offsetSeconds ??= zoneOffset(timeZone, given, fields)
      if (offsetAt(timeZone, given - offsetSeconds) !== offsetSeconds) {
        throw outOfRange('offsetSeconds', `an offset that ${timeZone} has then`, offsetSeconds)
      }
    }
    if (offsetSeconds === undefined) throw typeError('a ZonedDateTime must have offsetSeconds or a timeZone')
    checkOffset(offsetSeconds)
    this.year = year
    this.month = month
    this.day = day
    this.hour = hour
    this.minute = minute
    this.second = second
    this.nanosecond = nanosecond
    this.offsetSeconds = offsetSeconds
    this.timeZone = timeZone
    Object.freeze(this)
  }

  get type(): 'datetime' {
    return 'datetime'
  }

  /** Reads `2015-07-21T21:40:32.142+02:00[Europe/Stockholm]`; either the offset or the zone may be left out. */
  static parse(text: string): ZonedDateTime {
    const parts = partsOf('datetime', text, zonedText, '2015-07-21T21:40:32.142+02:00[Europe/Stockholm]')
    const [hour, minute, second, nanosecond] = timeOf(parts.slice(3))
    const [offset, timeZone] = parts.slice(7)
    return new ZonedDateTime({
      year: Number(parts[0]),
      month: Number(parts[1]),
      day: Number(parts[2]),
      hour,
      minute,
      second,
      nanosecond,
      ...(offset !== undefined && { offsetSeconds: offsetOf(offset) }),
      ...(timeZone !== undefined && { timeZone }),
    })
  }

  /** The moment of a `Date`, in a zone or in UTC. */
  static fromDate(date: Date, timeZone?: string): ZonedDateTime {
    const time = timeOfDate(date)
    const seconds = Math.floor(time / 1_000)
    const offset = timeZone === undefined ? 0 : offsetAt(timeZone, seconds)
    return zonedOf(BigInt(seconds), (time - seconds * 1_000) * 1_000_000, offset, timeZone)
  }

  /** Seconds from 1970-01-01T00:00Z, the nanoseconds aside. */
  get epochSeconds(): bigint {
    return localSeconds(this) - BigInt(this.offsetSeconds)
  }

  /** The moment to the millisecond below. */
  toDate(): Date {
    return dateOf(Number(this.epochSeconds) * 1_000 + Math.floor(this.nanosecond / 1_000_000), this)
  }

  override toString(): string {
    const zone = this.timeZone === undefined ? '' : `[${this.timeZone}]`
    return `${localTextOf(this)}${offsetText(this.offsetSeconds)}${zone}`
  }

  protected packed(): Uint8Array {
    const zone = Buffer.from(this.timeZone ?? '', 'latin1')
    return extension(20, 16 + zone.length, (bytes) => {
      bytes.setBigInt64(0, this.epochSeconds)
      bytes.setInt32(8, this.nanosecond)
      bytes.setInt32(12, this.offsetSeconds)
      zone.forEach((byte, at) => bytes.setUint8(16 + at, byte))
    })
  }
}

/** Marks fields of which the addon computed the offset: its rules of the zones may be other ones than those here. */
const computed: unique symbol = Symbol('computed')

function zoneOffset(timeZone: string, local: number, fields: ZonedFields): number {
  const [moved, offset] = resolve(timeZone, local)
  if (moved === local) return offset
  const { year, month, day, hour = 0, minute = 0 } = fields
  throw rangeError(
    `${dayText(year, month, day)}T${timeText(hour, minute, 0, 0)} is left out in ${timeZone}, where clocks are set forward; ` +
      'give a time before or behind that',
  )
}

const dateText = new RegExp(`^${dayForm}$`)
const localTimeText = new RegExp(`^${timeForm}$`)
const timeTextWithOffset = new RegExp(`^${timeForm}${offsetForm}$`)
const localText = new RegExp(`^${dayForm}T${timeForm}$`)
const zonedText = new RegExp(
  String.raw`^${dayForm}T${timeForm}(?=[Z+[-])${offsetForm}?(?:\[([A-Za-z0-9/_+-]{1,64})\])?$`,
)

interface TimeFields {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
}

interface LocalFields extends TimeFields {
  readonly year: number
  readonly month: number
  readonly day: number
}

function nanosecondsOf({ hour, minute, second, nanosecond }: TimeFields): number {
  return ((hour * 60 + minute) * 60 + second) * BILLION + nanosecond
}

function localSeconds({ year, month, day, hour, minute, second }: LocalFields): bigint {
  const days = BigInt(dayOf(year, month, day))
  return days * BigInt(DAY_SECONDS) + BigInt((hour * 60 + minute) * 60 + second)
}

function localTextOf(fields: LocalFields): string {
  const { hour, minute, second, nanosecond } = fields
  return `${dayText(fields.year, fields.month, fields.day)}T${timeText(hour, minute, second, nanosecond)}`
}

function timeOfDate(date: Date): number {
  if (!(date instanceof Date)) throw wrongType('date', 'a Date', date)
  const time = date.getTime()
  if (Number.isNaN(time)) throw typeError('date must be a valid date, but is an invalid Date')
  return time
}

function dateOf(time: number, value: QueryTyped): Date {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) throw rangeError(`a Date cannot be as far from 1970 as ${value.toString()}`)
  return date
}

function dateOfDay(days: number): LocalDate {
  return new LocalDate(...civilOf(days))
}

function timeFieldsOf(nanoseconds: number): [number, number, number, number] {
  const seconds = Math.floor(nanoseconds / BILLION)
  return [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60, nanoseconds - seconds * BILLION]
}

/** Day and time of seconds from 1970-01-01T00:00. */
function localFieldsOf(seconds: bigint): [number, number, number, number, number, number] {
  const day = BigInt(DAY_SECONDS)
  const rest = Number(((seconds % day) + day) % day)
  const days = Number((seconds - BigInt(rest)) / day)
  return [...civilOf(days), Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60]
}

function zonedOf(seconds: bigint, nanosecond: number, offsetSeconds: number, timeZone?: string): ZonedDateTime {
  const [year, month, day, hour, minute, second] = localFieldsOf(seconds + BigInt(offsetSeconds))
  const fields = { year, month, day, hour, minute, second, nanosecond, offsetSeconds, [computed]: true }
  return new ZonedDateTime(timeZone === undefined ? fields : { ...fields, timeZone })
}

/** Reads the bytes of a date or a time. */
export function temporalOf(number: number, view: DataView): QueryTyped | undefined {
  switch (number) {
    case 16:
      return dateOfDay(Number(view.getBigInt64(0)))
    case 17:
      return new LocalTime(...timeFieldsOf(Number(view.getBigInt64(0))))
    case 18:
      return new OffsetTime(...timeFieldsOf(Number(view.getBigInt64(0))), view.getInt32(8))
    case 19:
      return new LocalDateTime(...localFieldsOf(view.getBigInt64(0)), view.getInt32(8))
    case 20: {
      const name = Buffer.from(view.buffer, view.byteOffset + 16, view.byteLength - 16).toString('latin1')
      const zone = name === '' ? undefined : name
      return zonedOf(view.getBigInt64(0), view.getInt32(8), view.getInt32(12), zone)
    }
    default:
      return undefined
  }
}
