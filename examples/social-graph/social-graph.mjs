/** A small social network: who knows whom, how two people are connected, and whom to suggest. */

import { SledStore } from 'sledstore'

const store = await SledStore.memory()
const graph = store.graph('people')
await graph.createIndex({ label: 'Person', property: 'name', unique: true })

const friendships = [
  ['Ada', 'Bela', 2019],
  ['Bela', 'Cleo', 2020],
  ['Cleo', 'Dora', 2021],
  ['Ada', 'Emil', 2018],
  ['Emil', 'Cleo', 2022],
]

// Nodes and edges become visible together.
await graph.batch((batch) => {
  const ids = new Map()
  const idOf = (name) => {
    if (!ids.has(name)) ids.set(name, batch.addNode({ labels: 'Person', properties: { name } }))
    return ids.get(name)
  }
  for (const [one, other, since] of friendships) {
    batch.addEdge({ type: 'KNOWS', source: idOf(one), target: idOf(other), properties: { since } })
  }
})

const person = (name) => graph.findOne({ label: 'Person', where: { name } }).id
const nameOf = (id) => graph.node(id).properties.name

/** Whom somebody knows, whoever of the two it was written for. */
function friendsOf(id) {
  return graph.neighborIds(id, { type: 'KNOWS', direction: 'both' })
}

/** Friends of friends with the number of friends in common, most first. */
function suggestionsFor(id) {
  const friends = friendsOf(id)
  const common = new Map()
  for (const candidate of friends.flatMap(friendsOf)) {
    if (candidate !== id && !friends.includes(candidate)) common.set(candidate, (common.get(candidate) ?? 0) + 1)
  }
  return [...common].sort(([, left], [, right]) => right - left)
}

const ada = person('Ada')
const since = graph.neighbors(ada, { type: 'KNOWS' }).map(({ edge }) => edge.properties.since)
console.log(`Ada knows ${friendsOf(ada).map(nameOf).join(' and ')}, the first since ${Math.min(...since)}`)

const path = graph.path(ada, person('Dora'), { type: 'KNOWS', direction: 'both' })
console.log(`Ada reaches Dora in ${path.edges.length} steps`)

for (const [id, count] of suggestionsFor(ada)) console.log(`Ada may know ${nameOf(id)}: ${count} friends in common`)

// A name that is taken is refused, and nothing of the transaction stays.
try {
  await store.transaction((tx) => {
    const people = graph.in(tx)
    const newcomer = people.addNode({ labels: 'Person', properties: { name: 'Fred' } })
    people.addEdge({ type: 'KNOWS', source: newcomer, target: ada })
    people.addNode({ labels: 'Person', properties: { name: 'Ada' } })
  })
} catch (error) {
  console.log(`${error.code}: still ${graph.countNodes('Person')} people`)
}

await graph.removeNode(person('Cleo'))
console.log(`without Cleo there are ${graph.countEdges()} friendships`)
await store.close()
