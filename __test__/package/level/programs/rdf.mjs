/** quadstore keeps RDF on the adapter and answers SPARQL; the answers are those it gives over classic-level. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { DataFactory } from 'n3'
import { Quadstore } from 'quadstore'
import { Engine } from 'quadstore-comunica'
import { SledLevel } from 'sledstore/abstract-level'

const home = process.argv[2]
const { namedNode, literal, quad, defaultGraph } = DataFactory
const base = 'http://example.org/'
const knows = namedNode(`${base}knows`)
const named = namedNode(`${base}name`)
const aged = namedNode(`${base}age`)
const integer = namedNode('http://www.w3.org/2001/XMLSchema#integer')

const people = 300
const person = (index) => namedNode(`${base}person/${index % people}`)

function* quads() {
  for (let index = 0; index < people; index++) {
    const graph = index % 3 === 0 ? namedNode(`${base}graph/odd`) : defaultGraph()
    yield quad(person(index), named, literal(`Person ${index} \u{1F600} "quoted"\n`, index % 2 ? 'en' : 'de'), graph)
    yield quad(person(index), aged, literal(String(index % 90), integer), graph)
    for (const step of [1, 7, 31]) yield quad(person(index), knows, person(index + step), graph)
  }
}

const queries = [
  `SELECT ?name ?age WHERE { <${base}person/4> <${knows.value}> ?who . ?who <${named.value}> ?name ; <${aged.value}> ?age }`,
  `SELECT (COUNT(*) AS ?count) WHERE { ?one <${knows.value}> ?other . ?other <${knows.value}> ?one }`,
  `SELECT ?age (COUNT(?who) AS ?count) WHERE { ?who <${aged.value}> ?age FILTER(?age >= 85) } GROUP BY ?age`,
  `SELECT ?who WHERE { GRAPH <${base}graph/odd> { ?who <${aged.value}> 3 } }`,
  `SELECT ?who WHERE { ?who <${named.value}> ?name FILTER(LANG(?name) = "en" && CONTAINS(?name, "Person 29")) }`,
]

const patterns = [
  {},
  { subject: person(5) },
  { predicate: knows, object: person(5) },
  { predicate: aged, object: { termType: 'Range', gte: literal('80', integer) } },
  { graph: namedNode(`${base}graph/odd`), predicate: named },
]

const text = (term) => `${term.termType} ${term.value} ${term.language ?? ''} ${term.datatype?.value ?? ''}`
const quadText = ({ subject, predicate, object, graph }) => [subject, predicate, object, graph].map(text).join(' | ')

async function answersOf(store) {
  const answers = []
  for (const pattern of patterns) {
    const { items } = await store.get(pattern)
    answers.push(items.map(quadText).sort())
  }
  const engine = new Engine(store)
  for (const query of queries) {
    const rows = await (await engine.queryBindings(query)).toArray()
    const texts = rows.map((row) =>
      [...row]
        .map(([{ value }, term]) => `${value}=${text(term)}`)
        .sort()
        .join(' '),
    )
    answers.push(texts.sort())
  }
  return answers
}

/** Everything a database answers: as it was filled, after an update and a deletion, and after it was opened again. */
async function storyOf(open) {
  const story = []
  let store = new Quadstore({ backend: open(), dataFactory: DataFactory })
  await store.open()
  await store.multiPut([...quads()])
  story.push(await answersOf(store))
  await store.multiDel((await store.get({ subject: person(5) })).items)
  await store.patch(quad(person(6), aged, literal('6', integer)), quad(person(6), aged, literal('87', integer)))
  await new Engine(store).queryVoid(`INSERT DATA { <${base}person/new> <${aged.value}> 88 }`)
  story.push(await answersOf(store))
  await store.close()
  store = new Quadstore({ backend: open(), dataFactory: DataFactory })
  await store.open()
  story.push(await answersOf(store))
  await store.close()
  return story
}

const ours = await storyOf(() => new SledLevel(join(home, 'ours')))
const theirs = await storyOf(() => new ClassicLevel(join(home, 'theirs')))
deepEqual(ours, theirs)
deepEqual(ours[1], ours[2])
equal(ours[0][0].length, 5 * people)
for (const answer of ours[0]) ok(answer.length > 0, 'each question has an answer')
console.log(JSON.stringify({ count: ours.flat().length, quads: ours[0][0].length }))
