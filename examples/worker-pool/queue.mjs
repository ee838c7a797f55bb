/** What the threads agree on: the namespaces of the queue. */

import { key } from 'sledstore'

export function openQueue(store) {
  return {
    waiting: store.namespace('waiting', { key: key.number }),
    results: store.namespace('results', { key: key.number }),
  }
}
