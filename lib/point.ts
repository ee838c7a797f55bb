/**
 * Points of the query language.
 */
import { outOfRange, rangeError } from './errors.js'
import { extension, QueryTyped } from './typed-value.js'

/** How coordinates are meant: in a plane, in space, or on the globe by degrees and metres. */
export type PointCrs = 'cartesian' | 'cartesian-3d' | 'wgs-84' | 'wgs-84-3d'

const srids: Readonly<Record<PointCrs, number>> = {
  cartesian: 7203,
  'cartesian-3d': 9157,
  'wgs-84': 4326,
  'wgs-84-3d': 4979,
}

/** A place: coordinates of a plane or of space, or longitude, latitude and height. */
export class Point extends QueryTyped {
  readonly crs: PointCrs
  /** The longitude on the globe. */
  readonly x: number
  /** The latitude on the globe. */
  readonly y: number
  /** `undefined` in two dimensions. */
  readonly z: number | undefined

  constructor(
    place:
      | { readonly x: number; readonly y: number; readonly z?: number; readonly crs?: PointCrs }
      | { readonly longitude: number; readonly latitude: number; readonly height?: number },
  ) {
    super()
    const onGlobe = 'longitude' in place
    const [x, y, z] = onGlobe ? [place.longitude, place.latitude, place.height] : [place.x, place.y, place.z]
    const plain = z === undefined ? 'cartesian' : 'cartesian-3d'
    const crs = onGlobe ? (z === undefined ? 'wgs-84' : 'wgs-84-3d') : (place.crs ?? plain)
    if (!Object.hasOwn(srids, crs)) throw outOfRange('crs', Object.keys(srids).join(', '), crs)
    if (crs.endsWith('3d') !== (z !== undefined)) throw outOfRange('z', `given exactly for 3d, in ${crs}`, z)
    const globe = crs.startsWith('wgs')
    const finite = [x, y, z ?? 0].every((coordinate) => Number.isFinite(coordinate))
    if (!finite || (globe && (Math.abs(x) > 180 || Math.abs(y) > 90))) {
      const limits = globe ? 'a longitude within ±180 and a latitude within ±90' : 'finite numbers'
      throw rangeError(`a point must have ${limits}, but has ${[x, y, ...(z === undefined ? [] : [z])].join(', ')}`)
    }
    this.crs = crs
    this.x = x
    this.y = y
    this.z = z
    Object.freeze(this)
  }

  get type(): 'point' {
    return 'point'
  }

  /** The number of its system in the registry of the EPSG, and of Neo4j. */
  get srid(): number {
    return srids[this.crs]
  }

  override toString(): string {
    const z = this.z === undefined ? '' : `, z: ${floatText(this.z)}`
    return `point({x: ${floatText(this.x)}, y: ${floatText(this.y)}${z}, crs: '${this.crs}'})`
  }

  override toJSON(): { x: number; y: number; z?: number; crs: PointCrs } {
    const { x, y, z, crs } = this
    return z === undefined ? { x, y, crs } : { x, y, z, crs }
  }

  protected packed(): Uint8Array {
    const coordinates = this.z === undefined ? [this.x, this.y] : [this.x, this.y, this.z]
    return extension(22, 4 + 8 * coordinates.length, (bytes) => {
      bytes.setInt32(0, this.srid)
      coordinates.forEach((coordinate, at) => bytes.setFloat64(4 + 8 * at, coordinate))
    })
  }
}

/** As the language writes floats. */
function floatText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace('+', '')
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** Reads the bytes of a point. */
export function pointOf(view: DataView): Point {
  const srid = view.getInt32(0)
  const crs = (Object.keys(srids) as PointCrs[]).find((name) => srids[name] === srid)!
  const [x, y] = [view.getFloat64(4), view.getFloat64(12)]
  return new Point(view.byteLength > 20 ? { x, y, z: view.getFloat64(20), crs } : { x, y, crs })
}
