/**
 * Clusters by k-means: Lloyd's iterations from centers that k-means++ has chosen (Arthur and Vassilvitskii, 2007), by
 * straight-line distance.
 */
import type { VectorElement, VectorReader, WorkOptions } from 'sledstore'
import { checkWhole, invalid, rowsOf, throwIfAborted, turns, type Rows, type VectorRow } from './shared.js'

/** How far a clustering is. */
export interface ClusterProgress {
  readonly iteration: number
  /** Rows that went to another cluster in it. */
  readonly moved: number
}

/** How clusters are made. */
export interface ClusterOptions extends WorkOptions<ClusterProgress> {
  /** How many; no more than there are different vectors are made. */
  readonly k: number
  /** At most so many iterations; fewer when no row moves any more. Default: 25. */
  readonly iterations?: number
  /** The same seed and rows give the same clusters. Default: 1. */
  readonly seed?: number
  /** Compares directions, as the metric `cosine` does: every vector is taken at length one. Default: false. */
  readonly normalize?: boolean
}

/** What `cluster` has found. */
export interface Clusters<K> {
  /** The mean of each cluster. */
  readonly centers: readonly Float32Array[]
  /** The keys of each, in the order of the rows. */
  readonly members: readonly (readonly K[])[]
  /** Sum of the squared distances of all rows from the centers of their clusters. */
  readonly inertia: number
  readonly iterations: number
}

/** xorshift32, by Marsaglia: from 0, below 1. */
function randomOf(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

function squared(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) {
    const difference = (one[at] as number) - (other[at] as number)
    sum += difference * difference
  }
  return sum
}

function taken(vector: Float32Array, normalize: boolean): Float32Array {
  if (!normalize) return vector
  const length = Math.hypot(...vector)
  if (length === 0) throw invalid('a vector of zeros has no direction; leave it out, or cluster without normalize')
  return vector.map((component) => component / length)
}

class KMeans {
  readonly rows: readonly Float32Array[]
  readonly centers: Float32Array[] = []
  readonly clusterOf: Uint32Array
  /** Squared distance of each row from the center of its cluster. */
  readonly distances: Float64Array
  readonly #turn: () => Promise<void> | undefined

  constructor(rows: readonly Float32Array[], turn: () => Promise<void> | undefined) {
    this.rows = rows
    this.clusterOf = new Uint32Array(rows.length)
    this.distances = new Float64Array(rows.length).fill(Infinity)
    this.#turn = turn
  }

  /** Chooses centers, each with a chance in proportion to its squared distance from those that are chosen. */
  async seed(k: number, random: () => number): Promise<void> {
    let next: number | undefined = Math.floor(random() * this.rows.length)
    while (next !== undefined && this.centers.length < k) {
      await this.#addCenter(this.rows[next] as Float32Array)
      next = this.#drawn(random)
    }
  }

  async #addCenter(row: Float32Array): Promise<void> {
    const cluster = this.centers.push(row.slice()) - 1
    for (let at = 0; at < this.rows.length; at++) {
      const distance = squared(this.rows[at] as Float32Array, row)
      if (distance < (this.distances[at] as number)) {
        this.distances[at] = distance
        this.clusterOf[at] = cluster
      }
      const turn = this.#turn()
      if (turn !== undefined) await turn
    }
  }

  #drawn(random: () => number): number | undefined {
    const total = this.inertia()
    if (total === 0) return undefined // every row is a center
    let left = random() * total
    let last: number | undefined
    for (let at = 0; at < this.distances.length; at++) {
      const distance = this.distances[at] as number
      if (distance === 0) continue
      last = at
      left -= distance
      if (left < 0) break
    }
    return last
  }

  /** Puts each row to the nearest center; gives how many went to another. */
  async assign(): Promise<number> {
    let moved = 0
    for (let at = 0; at < this.rows.length; at++) {
      const row = this.rows[at] as Float32Array
      let [nearest, distance] = [0, Infinity]
      for (let cluster = 0; cluster < this.centers.length; cluster++) {
        const found = squared(row, this.centers[cluster] as Float32Array)
        if (found < distance) [nearest, distance] = [cluster, found]
      }
      if (this.clusterOf[at] !== nearest) moved++
      this.clusterOf[at] = nearest
      this.distances[at] = distance
      const turn = this.#turn()
      if (turn !== undefined) await turn
    }
    return moved
  }

  /** Moves each center to the mean of its rows; an empty cluster begins anew at the row farthest from its center. */
  update(): void {
    const counts = new Uint32Array(this.centers.length)
    const sums = this.centers.map((center) => new Float64Array(center.length))
    this.rows.forEach((row, at) => {
      const cluster = this.clusterOf[at] as number
      counts[cluster] = (counts[cluster] as number) + 1
      const sum = sums[cluster] as Float64Array
      for (let component = 0; component < row.length; component++)
        sum[component] = (sum[component] as number) + (row[component] as number)
    })
    sums.forEach((sum, cluster) => {
      const count = counts[cluster] as number
      this.centers[cluster] = count === 0 ? this.#farthest() : Float32Array.from(sum, (value) => value / count)
    })
  }

  #farthest(): Float32Array {
    let farthest = 0
    for (let at = 1; at < this.distances.length; at++)
      if ((this.distances[at] as number) > (this.distances[farthest] as number)) farthest = at
    // Another empty cluster must not begin here, too.
    this.distances[farthest] = 0
    return (this.rows[farthest] as Float32Array).slice()
  }

  inertia(): number {
    return this.distances.reduce((sum, distance) => sum + distance, 0)
  }
}

/**
 * Puts vectors into `k` clusters: those of an index, or rows from anywhere. All are held in memory. 10,000 vectors of 100
 * dimensions and 10 clusters take one to three seconds.
 *
 * @example
 * ```ts
 * const { members } = await cluster(photos, { k: 8 }) // or of rows: [key, vector]
 * ```
 * @throws SledStoreError `INVALID_ARGUMENT` for no rows, different dimensions, a binary index; `ABORTED`
 */
export async function cluster<K>(
  rows: Rows<VectorRow<K>> | VectorReader<object, K, VectorElement>,
  options: ClusterOptions,
): Promise<Clusters<K>> {
  if (typeof options !== 'object' || options === null)
    throw invalid('cluster takes options behind the rows; give { k } with the number of clusters')
  const k = checkWhole('k', options.k, 1)
  const most = checkWhole('iterations', options.iterations ?? 25, 1)
  const random = randomOf(checkWhole('seed', options.seed ?? 1, 0))
  const turn = turns(options.signal)
  if ('element' in rows && rows.element === 'binary')
    throw invalid(
      'means of bits are no bits; give rows [key, vector] with a number for each bit to cluster a binary index',
    )
  const keys: K[] = []
  const vectors: Float32Array[] = []
  for await (const [key, vector] of 'entries' in rows && 'dimensions' in rows ? rowsOf(rows) : rows) {
    const row = taken(Float32Array.from(vector), options.normalize === true)
    const { length } = vectors[0] ?? row
    if (row.length !== length) throw invalid(`vectors have one number of dimensions, not ${length} and ${row.length}`)
    if (!row.every(Number.isFinite)) throw invalid('a vector has a component that is no finite number')
    keys.push(key)
    vectors.push(row)
  }
  if (vectors.length === 0) throw invalid('there is nothing to cluster; give at least one row')
  const means = new KMeans(vectors, turn)
  await means.seed(k, random)
  let iterations = 0
  for (let moved = 1; moved > 0 && iterations < most;) {
    means.update()
    moved = await means.assign()
    iterations++
    options.onProgress?.({ iteration: iterations, moved })
    throwIfAborted(options.signal)
  }
  const members: K[][] = means.centers.map(() => [])
  keys.forEach((key, at) => (members[means.clusterOf[at] as number] as K[]).push(key))
  return { centers: means.centers, members, inertia: means.inertia(), iterations }
}
