/** The example of sessions in express, by requests over loopback: logins outlive the process's store, and end when they should. */

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export const title = 'sessions in express: the example, by its requests'
export const minutes = 2
export const quick = true
export const needs = ['examples/sessions']

/** When sessions end that are to end here. */
const soonMs = 500

/** A browser with one cookie. */
class Browser {
  constructor(address) {
    this.address = address
  }

  async ask(path, method = 'GET') {
    const headers = this.cookie === undefined ? {} : { cookie: this.cookie }
    const response = await fetch(`${this.address}${path}`, { method, headers })
    this.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.cookie
    return { status: response.status, ...(await response.json()) }
  }
}

export async function check({ root, folder }) {
  const { createApp } = await import(join(root, 'examples/sessions/app.mjs'))
  const { SledStore } = await import(join(root, 'dist/index.js'))
  let count = 0
  const same = (answer, expected) => {
    deepStrictEqual(answer, expected)
    count++
  }

  /** Serves the site while `use` asks it. */
  async function serve(maxAge, use) {
    const store = await SledStore.open(join(folder, 'data'))
    const { app, sessions } = createApp(store, { secret: 'planted', maxAge })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await use(`http://127.0.0.1:${server.address().port}`, sessions)
    } finally {
      server.closeAllConnections()
      server.close()
      await store.close()
    }
  }

  let cookie
  await serve(60_000, async (address, sessions) => {
    const [ann, bob] = [new Browser(address), new Browser(address)]
    same(await ann.ask('/'), { status: 401, error: 'log in first' })
    strictEqual(ann.cookie, undefined)
    same(await ann.ask('/login/ann', 'POST'), { status: 200, user: 'ann' })
    same(await bob.ask('/login/bob', 'POST'), { status: 200, user: 'bob' })
    same(await ann.ask('/'), { status: 200, user: 'ann', pages: 1 })
    same(await ann.ask('/'), { status: 200, user: 'ann', pages: 2 })
    same(await bob.ask('/'), { status: 200, user: 'bob', pages: 1 })
    const before = bob.cookie
    same(await bob.ask('/logout', 'POST'), { status: 200 })
    bob.cookie = before
    same(await bob.ask('/'), { status: 401, error: 'log in first' })
    same(sessions.sessions.count(), 1)
    cookie = ann.cookie
  })

  await serve(60_000, async (address) => {
    const ann = new Browser(address)
    ann.cookie = cookie
    same(await ann.ask('/'), { status: 200, user: 'ann', pages: 3 }) // after a restart
  })

  await serve(soonMs, async (address, sessions) => {
    const cid = new Browser(address)
    same(await cid.ask('/login/cid', 'POST'), { status: 200, user: 'cid' })
    const kept = cid.cookie
    while (sessions.sessions.count() > 1) await pause(soonMs / 10) // ann's stays
    cid.cookie = kept
    same(await cid.ask('/'), { status: 401, error: 'log in first' })
    count += await byCallbacks(sessions)
  })
  return { count, unit: 'answers' }
}

/** The methods of a session store that no request above called. */
async function byCallbacks(sessions) {
  const call = (name, ...words) =>
    new Promise((resolve, reject) => {
      sessions[name](...words, (error, result) => (error ? reject(error) : resolve(result)))
    })
  const data = (user, originalMaxAge = 60_000) => ({ user, cookie: { originalMaxAge, path: '/' } })
  await call('clear')
  for (const user of ['a', 'b']) await call('set', user, data(user))
  strictEqual(await call('length'), 2)
  deepStrictEqual(await call('all'), { a: data('a'), b: data('b') })
  await call('touch', 'missing', data('missing'))
  strictEqual(await call('get', 'missing'), undefined)
  await call('clear')
  strictEqual(await call('length'), 0)
  await call('set', 'c', data('c', soonMs))
  while ((await call('length')) > 0) await pause(soonMs / 10)
  strictEqual(await call('get', 'c'), undefined)
  ok((await call('set', 'd', { ...data('d'), bad: () => {} }).catch((error) => error)) instanceof Error)
  return 6
}
