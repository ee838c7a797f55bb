/** What both sides hold when a call of the tables runs, and a store that holds it. */

import { SledStore } from '../../../dist/index.js'

export const people = [
  ['ann', { age: 41 }],
  ['bob', { age: 7 }],
  ['cleo', { age: 30 }],
  ['dora', { age: 55 }],
]

/** A store in memory with the namespace `users`, as the pages call it. */
export function openOurs(options) {
  return async () => {
    const store = SledStore.memory()
    const users = store.namespace('users', options)
    for (const row of people) users.putSync(...row)
    return { names: { store, users }, content: async () => [...users.scan()], close: () => store.close() }
  }
}
