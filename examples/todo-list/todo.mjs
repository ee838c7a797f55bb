/**
 * A to-do list on the command line: `add <text>`, `done <number>`, `list`. Each call is a process of its own; the list
 * lives in the store.
 */

import { parseArgs } from 'node:util'
import { codec, key, SledStore } from 'sledstore'

const { values: options, positionals } = parseArgs({ options: { data: { type: 'string' } }, allowPositionals: true })
const [command = 'list', argument = ''] = positionals

const store = await SledStore.open(options.data ?? new URL('data', import.meta.url))
const todos = store.namespace('todos', { key: key.number, value: codec.json() })

/** Finding the number and taking it are one step, so that no two entries get the same. */
function add(text) {
  return store.transaction((tx) => {
    const [last = 0] = tx.keys(todos, { reverse: true, limit: 1 })
    tx.put(todos, last + 1, { text, done: false })
    return last + 1
  })
}

/** Tells whether there was such an entry. */
function finish(number) {
  return store.transaction((tx) => {
    const todo = tx.get(todos, number)
    if (todo !== undefined) tx.put(todos, number, { ...todo, done: true })
    return todo !== undefined
  })
}

if (command === 'add' && argument !== '') {
  console.log(`added ${await add(argument)}`)
} else if (command === 'done' && argument !== '') {
  console.log((await finish(Number(argument))) ? `done ${argument}` : `there is no ${argument}`)
} else if (command === 'list') {
  for (const [number, { text, done }] of todos.scan()) console.log(`${number} [${done ? 'x' : ' '}] ${text}`)
} else {
  console.error('use: todo.mjs add <text> | done <number> | list')
  process.exitCode = 1
}
await store.close()
