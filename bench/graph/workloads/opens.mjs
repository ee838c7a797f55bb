/** Opening: a new process, the addon already loaded, the page cache warm, up to the first answer. */

import { AnswerHash } from '../answers.mjs'

/** @type {import('./index.mjs').GraphWorkload} */
export const open = {
  name: 'open',
  title: 'open a store that was closed, and read one node by its key',
  metric: 'open',
  needs: ['read'],
  store: 'loaded',
  writes: true, // what opening changes must not help the next round
  opens: true,
  limit: 1,
  make: ({ graph }) => graph.nodes[graph.nodes.length >> 1].key,
  async run({ reopen }, key) {
    const started = performance.now()
    const store = await reopen()
    const found = await store.read(key)
    const milliseconds = performance.now() - started
    const answer = new AnswerHash()
    answer.add([found])
    return { answer: answer.end(), metrics: { open: milliseconds } }
  },
}
