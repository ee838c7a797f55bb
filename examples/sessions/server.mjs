/** Serves the site on port 3000: `SECRET=… node server.mjs`. */

import { SledStore } from 'sledstore'
import { createApp } from './app.mjs'

const store = await SledStore.open(new URL('data', import.meta.url))
const { app } = createApp(store, { secret: process.env.SECRET ?? 'for trying out only' })
const server = app.listen(3000, '127.0.0.1', () => console.log('http://127.0.0.1:3000'))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => store.close())
    server.closeAllConnections()
  })
}
