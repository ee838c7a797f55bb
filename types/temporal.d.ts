// The public API of sledstore: generated from lib/ by "npm run build", reviewed by people.

/** A value of the query language that JavaScript has no type for: a float that is whole, a time, a duration, a point. */
export declare abstract class Encoded {
  /** Its MessagePack. */
  protected abstract packed(): Uint8Array
  /** The MessagePack of a value, which is written as it is. */
  static bytesOf(value: Encoded): Uint8Array
}
/** What {@link QueryTyped.type} may be: the names that the language has for its types. */
export type TypedName = 'date' | 'localtime' | 'time' | 'localdatetime' | 'datetime' | 'duration' | 'point'
/** A date, a time, a duration or a point. It never changes, and may be a parameter and a property. */
export declare abstract class QueryTyped extends Encoded {
  /** What the language calls it. */
  abstract readonly type: TypedName
  /** As the language writes it, which is ISO 8601 but for points. */
  abstract toString(): string
  toJSON(): unknown
  /** Whether it is the same value: the same type, and every field the same. */
  equals(other: unknown): boolean
}
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
/** Months, days, seconds and nanoseconds, none of which is a multiple of another. */
export declare class Duration extends QueryTyped {
  /** A number if that is exact, else a bigint; as `days` and `seconds`. */
  readonly months: number | bigint
  readonly days: number | bigint
  /** Below zero with nanoseconds above for a time between. */
  readonly seconds: number | bigint
  /** From 0, and below a second. */
  readonly nanoseconds: number
  constructor(parts: DurationParts)
  get type(): 'duration'
  /** Reads `P1Y2M10DT2H30M0.5S`, in which each number may have a sign and that of the seconds a fraction. */
  static parse(text: string): Duration
  toString(): string
  protected packed(): Uint8Array
}
/** How coordinates are meant: in a plane, in space, or on the globe by degrees and metres. */
export type PointCrs = 'cartesian' | 'cartesian-3d' | 'wgs-84' | 'wgs-84-3d'
/** A place: coordinates of a plane or of space, or longitude, latitude and height. */
export declare class Point extends QueryTyped {
  readonly crs: PointCrs
  /** The longitude on the globe. */
  readonly x: number
  /** The latitude on the globe. */
  readonly y: number
  /** `undefined` in two dimensions. */
  readonly z: number | undefined
  constructor(
    place:
      | {
          readonly x: number
          readonly y: number
          readonly z?: number
          readonly crs?: PointCrs
        }
      | {
          readonly longitude: number
          readonly latitude: number
          readonly height?: number
        },
  )
  get type(): 'point'
  /** The number of its system in the registry of the EPSG, and of Neo4j. */
  get srid(): number
  toString(): string
  toJSON(): {
    x: number
    y: number
    z?: number
    crs: PointCrs
  }
  protected packed(): Uint8Array
}
/** A day of the calendar. */
export declare class LocalDate extends QueryTyped {
  /** Within ±999,999,999; the year before 1 is 0. */
  readonly year: number
  readonly month: number
  readonly day: number
  constructor(year: number, month: number, day: number)
  get type(): 'date'
  /** Reads `2015-07-21`. */
  static parse(text: string): LocalDate
  /** The day of a `Date` in UTC. */
  static fromDate(date: Date): LocalDate
  /** The midnight in UTC at which the day begins. */
  toDate(): Date
  toString(): string
  protected packed(): Uint8Array
}
/** A time of day, wherever that is. */
export declare class LocalTime extends QueryTyped {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  constructor(hour: number, minute: number, second?: number, nanosecond?: number)
  get type(): 'localtime'
  /** Reads `21:40`, `21:40:32` or `21:40:32.142`. */
  static parse(text: string): LocalTime
  toString(): string
  protected packed(): Uint8Array
}
/** A time of day at an offset from UTC. */
export declare class OffsetTime extends QueryTyped {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** How far it is ahead of UTC; at most 18 hours. */
  readonly offsetSeconds: number
  constructor(hour: number, minute: number, second: number, nanosecond: number, offsetSeconds: number)
  get type(): 'time'
  /** Reads `21:40:32.142+01:00`; `Z` is UTC. */
  static parse(text: string): OffsetTime
  toString(): string
  protected packed(): Uint8Array
}
/** A day and a time of day, wherever that is. */
export declare class LocalDateTime extends QueryTyped {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  constructor(
    year: number,
    month: number,
    day: number,
    hour?: number,
    minute?: number,
    second?: number,
    nanosecond?: number,
  )
  get type(): 'localdatetime'
  /** Reads `2015-07-21T21:40:32.142`. */
  static parse(text: string): LocalDateTime
  toString(): string
  protected packed(): Uint8Array
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
export declare class ZonedDateTime extends QueryTyped {
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
  constructor(fields: ZonedFields)
  get type(): 'datetime'
  /** Reads `2015-07-21T21:40:32.142+02:00[Europe/Stockholm]`; either the offset or the zone may be left out. */
  static parse(text: string): ZonedDateTime
  /** The moment of a `Date`, in a zone or in UTC. */
  static fromDate(date: Date, timeZone?: string): ZonedDateTime
  /** Seconds from 1970-01-01T00:00Z, the nanoseconds aside. */
  get epochSeconds(): bigint
  /** The moment to the millisecond below. */
  toDate(): Date
  toString(): string
  protected packed(): Uint8Array
}
export {}
