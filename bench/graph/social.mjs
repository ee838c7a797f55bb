/**
 * Social graphs that are the same in every run of one seed: people with a name, an age and a city, and who knows whom.
 * Few are known by many: of n people the one at rank r is drawn with a probability of about r^-½, and those whom many
 * know themselves know some more than others. A part of all edges closes a triangle: whom somebody whom one knows knows.
 * Nobody knows himself, and nobody knows another twice.
 */

import { makePermutation, randomNumbers } from '../harness/data.mjs'

const firstNames = 'Ada Bela Cleo Dora Emil Finn Greta Hugo Ines Jonas Kira Lena Milo Nora Otto Paula Quin Rosa'.split(
  ' ',
)
const lastNames = 'Abel Braun Conti Duval Egger Fuchs Greco Haas Ito Jansen Klee Lang Moreau Novak Olsen Petit'.split(
  ' ',
)
const cityStarts = 'Al Bor Cas Dun El Far Gor Hal'.split(' ')
const cityEnds = 'bach dorf field gate ham lund mouth ton'.split(' ')
const cities = cityStarts.flatMap((start) => cityEnds.map((end) => start + end))

/** Exponents of the draws: 1 is uniform, and the larger one is, the more goes to the first. */
const knownSkew = 2
const knowingSkew = 1.3
const citySkew = 1.5
/** The part of the edges that close a triangle, where there is one to close. */
const closingPart = 0.25

const ageMin = 16
const agesCount = 75
const yearMin = 1990
const yearsCount = 36

/** @type {import('./graphs.mjs').Schema} */
export const socialSchema = { label: 'Person', type: 'KNOWS', read: ['name', 'age', 'city'], group: 'city', sum: 'age' }

/**
 * @param {{ nodes: number, edges: number, seed: number }} size
 * @returns {import('./graphs.mjs').Graph}
 */
export function makeSocialGraph({ nodes, edges, seed }) {
  const random = randomNumbers(seed)
  const chance = () => random() / 2 ** 32
  const draw = (count, skew = 1) => Math.floor(count * chance() ** skew)
  const people = Array.from({ length: nodes }, (_, row) => ({
    key: `p${String(row).padStart(7, '0')}`,
    name: `${firstNames[draw(firstNames.length)]} ${lastNames[draw(lastNames.length)]}`,
    age: ageMin + draw(agesCount),
    city: cities[draw(cities.length, citySkew)],
  }))
  const { sources, targets } = drawEdges({ edges, atRank: makePermutation(nodes, seed + 1), draw, chance })
  const since = Array.from({ length: edges }, () => yearMin + draw(yearsCount))
  return {
    schema: socialSchema,
    nodes: people,
    sources,
    targets,
    types: ['KNOWS'],
    typeOf: new Uint8Array(edges),
    edgeColumns: { since },
  }
}

function drawEdges({ edges, atRank, draw, chance }) {
  const count = atRank.length
  const sources = new Uint32Array(edges)
  const targets = new Uint32Array(edges)
  const known = Array.from({ length: count }, () => [])
  const seen = new Set()
  for (let at = 0; at < edges;) {
    const source = atRank[draw(count, knowingSkew)]
    const closed = chance() < closingPart ? friendOfFriend(known, source, draw) : undefined
    const target = closed ?? atRank[draw(count, knownSkew)]
    const pair = source * count + target
    if (source === target || seen.has(pair)) continue
    seen.add(pair)
    known[source].push(target)
    sources[at] = source
    targets[at++] = target
  }
  return { sources, targets }
}

/** Somebody whom somebody knows whom this one knows; nothing where nobody is known. */
function friendOfFriend(known, source, draw) {
  const friends = known[source]
  const theirs = known[friends[draw(friends.length)]] ?? []
  return theirs[draw(theirs.length)]
}
