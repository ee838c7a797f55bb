/**
 * The proleptic Gregorian calendar, offsets and zones, as dates and times compute with them.
 */
import { outOfRange, rangeError } from './errors.js'

export const DAY_SECONDS = 86_400
export const BILLION = 1_000_000_000
const YEAR_MAX = 999_999_999
const OFFSET_SECONDS_MAX = 18 * 3_600
/** Days between 0000-03-01 and 1970-01-01. */
const EPOCH_DAY = 719_468
const CYCLE_DAYS = 146_097

/** Checks a whole number between two others. */
export function checkPart(what: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw outOfRange(what, `a whole number from ${least} to ${most}`, value)
}

/** Checks a day of the calendar. */
export function checkDay(year: number, month: number, day: number): void {
  checkPart('year', year, -YEAR_MAX, YEAR_MAX)
  checkPart('month', month, 1, 12)
  checkPart('day', day, 1, daysInMonth(year, month))
}

/** Checks a time of day. */
export function checkTime(hour: number, minute: number, second: number, nanosecond: number): void {
  checkPart('hour', hour, 0, 23)
  checkPart('minute', minute, 0, 59)
  checkPart('second', second, 0, 59)
  checkPart('nanosecond', nanosecond, 0, BILLION - 1)
}

/** Checks seconds ahead of UTC. */
export function checkOffset(seconds: number): void {
  checkPart('offsetSeconds', seconds, -OFFSET_SECONDS_MAX, OFFSET_SECONDS_MAX)
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/**
 * Days from 1970-01-01 to a day.
 *
 * Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, `days_from_civil`.
 */
export function dayOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * CYCLE_DAYS + dayOfEra - EPOCH_DAY
}

/** The year, month and day that many days from 1970-01-01; the reverse of {@link dayOf}. */
export function civilOf(days: number): [year: number, month: number, day: number] {
  const shifted = days + EPOCH_DAY
  const era = Math.floor(shifted / CYCLE_DAYS)
  const dayOfEra = shifted - era * CYCLE_DAYS
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}

/** `2015-07-21`; a sign before years of more than four digits. */
export function dayText(year: number, month: number, day: number): string {
  const sign = year < 0 ? '-' : year > 9_999 ? '+' : ''
  return `${sign}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`
}

/** `21:40`, `21:40:32` or `21:40:32.142`. */
export function timeText(hour: number, minute: number, second: number, nanosecond: number): string {
  const text = `${two(hour)}:${two(minute)}`
  return second === 0 && nanosecond === 0 ? text : `${text}:${two(second)}${fractionText(nanosecond)}`
}

/** A point and the digits of a fraction of a second; nothing for none. */
export function fractionText(nanosecond: number): string {
  return nanosecond === 0 ? '' : `.${String(nanosecond).padStart(9, '0').replace(/0+$/, '')}`
}

/** `Z`, `+01:00` or `+00:53:28`. */
export function offsetText(seconds: number): string {
  if (seconds === 0) return 'Z'
  const ahead = Math.abs(seconds)
  const rest = ahead % 60
  const text = `${two(Math.floor(ahead / 3_600))}:${two(Math.floor(ahead / 60) % 60)}`
  return `${seconds < 0 ? '-' : '+'}${text}${rest === 0 ? '' : `:${two(rest)}`}`
}

export const dayForm = String.raw`(\d{4}|[+-]\d{4,9})-(\d\d)-(\d\d)`
export const timeForm = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`
export const offsetForm = String.raw`(Z|[+-]\d\d:\d\d(?::\d\d)?)`

/** The parts of a text in a form. */
export function partsOf(what: string, text: unknown, form: RegExp, example: string): (string | undefined)[] {
  const parts = typeof text === 'string' ? form.exec(text) : null
  if (parts === null) throw outOfRange(what, `text as '${example}'`, text)
  return parts.slice(1)
}

/** Hour, minute, second and nanosecond out of the parts of {@link timeForm}. */
export function timeOf(parts: readonly (string | undefined)[]): [number, number, number, number] {
  const [hour, minute, second = 0, fraction = ''] = parts
  return [Number(hour), Number(minute), Number(second), Number(fraction.padEnd(9, '0'))]
}

/** Seconds ahead of UTC out of a part of {@link offsetForm}. */
export function offsetOf(text: string): number {
  if (text === 'Z') return 0
  const [hours, minutes, seconds = 0] = text.slice(1).split(':').map(Number)
  const ahead = (hours! * 60 + minutes!) * 60 + seconds
  return text.startsWith('-') && ahead !== 0 ? -ahead : ahead
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw outOfRange('timeZone', 'a name of the IANA as Europe/Stockholm', timeZone)
  }
  formats.set(timeZone, format)
  return format
}

/** Seconds a zone is ahead of UTC at a moment, which is given in seconds. */
export function offsetAt(timeZone: string, seconds: number): number {
  const moment = new Date(seconds * 1_000)
  if (Number.isNaN(moment.getTime())) {
    throw rangeError('offsetSeconds must be given here: the rules of time zones end at the years that a Date has')
  }
  const parts: Record<string, string> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(moment)) parts[type] = value
  const number = (part: string): number => Number(parts[part])
  const year = parts['era']!.startsWith('B') ? 1 - number('year') : number('year')
  const time = (number('hour') * 60 + number('minute')) * 60 + number('second')
  return dayOf(year, number('month'), number('day')) * DAY_SECONDS + time - seconds
}

/**
 * The seconds of a local time in a zone, and its offset: the earlier where clocks are set back, and one as much later
 * where they are set forward over it.
 */
export function resolve(timeZone: string, local: number): [local: number, offset: number] {
  const before = offsetAt(timeZone, local - DAY_SECONDS)
  const after = offsetAt(timeZone, local + DAY_SECONDS)
  for (const offset of [before, after]) {
    if (offsetAt(timeZone, local - offset) === offset) return [local, offset]
  }
  return [local + after - before, after]
}
