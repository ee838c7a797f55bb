/**
 * Durations of the query language.
 */
import { outOfRange } from './errors.js'
import { fractionText, partsOf } from './temporal-parts.js'
import { extension, QueryTyped } from './typed-value.js'

const BILLION = 1_000_000_000n

/** Parts of a {@link Duration}: whole numbers, which add up. */
export interface DurationParts {
  readonly years?: number | bigint
  readonly months?: number | bigint
  readonly weeks?: number | bigint
  readonly days?: number | bigint
  readonly hours?: number | bigint
  readonly minutes?: number | bigint
  readonly seconds?: number | bigint
  readonly milliseconds?: number | bigint
  readonly microseconds?: number | bigint
  readonly nanoseconds?: number | bigint
}

const partNames = [
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
] as const satisfies readonly (keyof DurationParts)[]

/** Months, days, seconds and nanoseconds, none of which is a multiple of another. */
export class Duration extends QueryTyped {
  /** A number if that is exact, else a bigint; as `days` and `seconds`. */
  readonly months: number | bigint
  readonly days: number | bigint
  /** Below zero with nanoseconds above for a time between. */
  readonly seconds: number | bigint
  /** From 0, and below a second. */
  readonly nanoseconds: number

  constructor(parts: DurationParts) {
    super()
    for (const name of Object.keys(parts)) {
      if (!(partNames as readonly string[]).includes(name)) throw outOfRange('a part', partNames.join(', '), name)
    }
    const part = (name: keyof DurationParts): bigint => {
      const value: unknown = parts[name] ?? 0
      if (typeof value === 'bigint') return value
      if (Number.isSafeInteger(value)) return BigInt(value as number)
      throw outOfRange(name, 'a whole number', value)
    }
    const small = part('milliseconds') * 1_000_000n + part('microseconds') * 1_000n + part('nanoseconds')
    const nanoseconds = ((small % BILLION) + BILLION) % BILLION
    const seconds = (part('hours') * 60n + part('minutes')) * 60n + part('seconds')
    this.months = whole('months', part('years') * 12n + part('months'))
    this.days = whole('days', part('weeks') * 7n + part('days'))
    this.seconds = whole('seconds', seconds + (small - nanoseconds) / BILLION)
    this.nanoseconds = Number(nanoseconds)
    Object.freeze(this)
  }

  get type(): 'duration' {
    return 'duration'
  }

  /** Reads `P1Y2M10DT2H30M0.5S`, in which each number may have a sign and that of the seconds a fraction. */
  static parse(text: string): Duration {
    const parts = partsOf('duration', text, durationText, 'P1Y2M10DT2H30M0.5S')
    const [years, months, weeks, days, hours, minutes, seconds, fraction] = parts
    if (!parts.some((part) => part !== undefined)) throw outOfRange('duration', "text as 'P1D'", text)
    const number = (part: string | undefined): bigint => BigInt(part?.replace('+', '') ?? 0)
    const small = BigInt((fraction ?? '').padEnd(9, '0'))
    return new Duration({
      years: number(years),
      months: number(months),
      weeks: number(weeks),
      days: number(days),
      hours: number(hours),
      minutes: number(minutes),
      seconds: number(seconds),
      nanoseconds: seconds?.startsWith('-') === true ? -small : small,
    })
  }

  override toString(): string {
    const part = (amount: bigint, unit: string): string => (amount === 0n ? '' : `${amount}${unit}`)
    const months = BigInt(this.months)
    const day = part(months / 12n, 'Y') + part(months % 12n, 'M') + part(BigInt(this.days), 'D')
    const nanoseconds = BigInt(this.seconds) * BILLION + BigInt(this.nanoseconds)
    if (nanoseconds === 0n) return day === '' ? 'PT0S' : `P${day}`
    const seconds = nanoseconds / BILLION
    const rest = nanoseconds % (60n * BILLION)
    const size = rest < 0n ? -rest : rest
    const shown = `${rest < 0n ? '-' : ''}${size / BILLION}${fractionText(Number(size % BILLION))}S`
    return `P${day}T${part(seconds / 3_600n, 'H')}${part((seconds / 60n) % 60n, 'M')}${rest === 0n ? '' : shown}`
  }

  protected packed(): Uint8Array {
    return extension(21, 28, (bytes) => {
      bytes.setBigInt64(0, BigInt(this.months))
      bytes.setBigInt64(8, BigInt(this.days))
      bytes.setBigInt64(16, BigInt(this.seconds))
      bytes.setInt32(24, this.nanoseconds)
    })
  }
}

const amount = String.raw`([+-]?\d{1,19})`
const durationText = new RegExp(
  String.raw`^P(?:${amount}Y)?(?:${amount}M)?(?:${amount}W)?(?:${amount}D)?` +
    String.raw`(?:T(?=[\d+-])(?:${amount}H)?(?:${amount}M)?(?:${amount}(?:\.(\d{1,9}))?S)?)?$`,
)

function whole(what: string, value: bigint): number | bigint {
  if (value !== BigInt.asIntN(64, value)) throw outOfRange(what, 'within 64-bit integers', value)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** Reads the bytes of a duration. */
export function durationOf(view: DataView): Duration {
  return new Duration({
    months: view.getBigInt64(0),
    days: view.getBigInt64(8),
    seconds: view.getBigInt64(16),
    nanoseconds: view.getInt32(24),
  })
}
