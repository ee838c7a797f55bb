/** A site with a login, as an express application over a store. */

import express from 'express'
import session from 'express-session'
import { SessionStore } from './session-store.mjs'

/**
 * @param {import('sledstore').SledStore} store
 * @param {{ secret: string, maxAge?: number }} options
 */
export function createApp(store, { secret, maxAge = 60 * 60 * 1000 }) {
  const sessions = new SessionStore(store)
  const app = express()
  app.use(session({ store: sessions, secret, resave: false, saveUninitialized: false, cookie: { maxAge } }))

  app.post('/login/:name', (request, response, next) => {
    // A new id for a new user, so that nobody can plant one beforehand.
    request.session.regenerate((error) => {
      if (error) return next(error)
      request.session.user = request.params.name
      request.session.pages = 0
      response.json({ user: request.session.user })
    })
  })

  app.post('/logout', (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.json({})))
  })

  app.get('/', (request, response) => {
    if (request.session.user === undefined) return response.status(401).json({ error: 'log in first' })
    request.session.pages++
    response.json({ user: request.session.user, pages: request.session.pages })
  })

  return { app, sessions }
}
