/** Finds help articles by what they are about; `node search.mjs "paying by card"`. */

import { key, SledStore } from 'sledstore'
import { dimensions, embed } from './embed.mjs'

const articles = [
  { topic: 'billing', title: 'Paying with a credit card' },
  { topic: 'billing', title: 'Invoices and receipts' },
  { topic: 'billing', title: 'When a payment fails' },
  { topic: 'account', title: 'Changing your password' },
  { topic: 'account', title: 'Closing your account' },
  { topic: 'account', title: 'Replacing a lost membership card' },
]
const [wanted = 'paying by card'] = process.argv.slice(2)

const store = await SledStore.memory()
const vectors = store.vectors('articles', { dimensions, metric: 'cosine', key: key.number })
await vectors.putMany(articles.map(({ topic, title }, number) => [number, embed(title), { topic, title }]))

function show(heading, found) {
  console.log(heading)
  for (const { distance, attributes } of found) console.log(`  ${distance.toFixed(3)} ${attributes.title}`)
}
show(`nearest to “${wanted}”:`, vectors.nearest(embed(wanted), { k: 3 }))
show('among articles on accounts:', vectors.nearest(embed(wanted), { k: 2, filter: { topic: 'account' } }))
await store.close()
