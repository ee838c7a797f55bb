/** Reads a graph in one format after the other, each from what the one before wrote; prints what it is in the end. */

import { join } from 'node:path'
import { SledStore } from 'sledstore'
import {
  exportCsv,
  exportGraphml,
  exportJsonLines,
  importCsv,
  importGraphml,
  importJsonLines,
} from 'sledstore-graph-io'

const folder = process.argv[2]
const at = (name) => join(folder, name)
const store = SledStore.memory()
const [first, second, third, last] = ['a', 'b', 'c', 'd'].map((name) => store.graph(name))
await importCsv(first, {
  nodes: { content: 'name:ID,age:int,:LABEL\nAnn,40,Person\nBob,,Person\n' },
  edges: { content: ':START_ID,:END_ID,:TYPE\nAnn,Bob,KNOWS\n' },
})
await exportCsv(first, { nodes: at('nodes.csv'), edges: at('edges.csv') })
await importCsv(second, { nodes: at('nodes.csv'), edges: at('edges.csv') })
await exportGraphml(second, at('people.graphml'))
await importGraphml(third, at('people.graphml'))
await exportJsonLines(third, at('people.jsonl'))
await importJsonLines(last, at('people.jsonl'))
const names = [...last.nodes()].map(({ labels, properties }) => [...labels, properties.name, properties.age])
console.log(JSON.stringify([names, [...last.edges()].map(({ type }) => type)]))
await store.close()
