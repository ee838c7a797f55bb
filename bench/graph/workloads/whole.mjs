/** Questions about the whole graph: asked once to warm up, then again and again for a while. */

import { AnswerHash, difference, ranksAnswer } from '../answers.mjs'
import { milliseconds } from './figures.mjs'

const enoughMilliseconds = 1_500
const timesMax = 30
const pageRankIterations = 20

/**
 * @param {object} about
 * @param {(store: import('../adapters/index.mjs').GraphStore, questions: Record<string, string>) => any} about.ask
 * @param {(store: import('../adapters/index.mjs').GraphStore, found: any) => import('../answers.mjs').Answer} about.answerOf
 * @returns {import('./index.mjs').GraphWorkload}
 */
function whole({ ask, answerOf, ...about }) {
  return {
    ...about,
    metric: 'p50',
    store: 'loaded',
    async run({ store, questions }) {
      const answer = await answerOf(store, await ask(store, questions))
      const times = []
      let last
      for (let spent = 0; spent < enoughMilliseconds && times.length < timesMax; spent += times.at(-1)) {
        const started = performance.now()
        last = await ask(store, questions)
        times.push(performance.now() - started)
      }
      const wrong = difference(answer, await answerOf(store, last))
      if (wrong !== undefined) throw new Error(`asked again it ${wrong}`)
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length
      return { answer, metrics: milliseconds(mean * 1000, Float64Array.from(times)) }
    },
  }
}

function rowsAnswer(_store, rows) {
  const answer = new AnswerHash()
  answer.add(rows)
  return answer.end()
}

const byQuery = (question, title, limit) =>
  whole({
    name: question,
    title,
    needs: ['query'],
    limit,
    ask: (store, questions) => store.query(questions[question]),
    answerOf: rowsAnswer,
  })

export const wholeQuestions = [
  byQuery('group-by', 'count and sum over groups of all nodes', 1),
  byQuery('top-in-degree', 'the 3 nodes with the most edges to them', 1),
  byQuery('two-paths', 'count of all paths of 2 edges', 1.2),
  byQuery('triangles', 'count of a → b → c with a → c', 1.2),
  whole({
    name: 'page-rank',
    title: `PageRank of every node, ${pageRankIterations} iterations`,
    needs: ['pageRank'],
    limit: 0.5,
    ask: (store) => store.pageRank(pageRankIterations),
    async answerOf(store, ranked) {
      const found = store.ranksOf?.(ranked) ?? ranked
      const keys = await store.keysOf(found.map(([node]) => node))
      return ranksAnswer(found.map(([, rank], at) => [keys[at], rank]))
    },
  }),
]
