/** Sessions of express-session in a namespace of a store, which forgets each when its time is over. */

import session from 'express-session'

/** Sessions whose cookie names no end are kept this long after their last request. */
const dayMs = 24 * 60 * 60 * 1000

/** A session is written often and can be made again: it survives a killed process, not a power cut. */
const written = { durability: 'os' }

export class SessionStore extends session.Store {
  /**
   * @param {import('sledstore').SledStore} store
   * @param {{ name?: string, ttlMs?: number }} [options]
   */
  constructor(store, { name = 'sessions', ttlMs = dayMs } = {}) {
    super()
    this.sessions = store.namespace(name)
    this.ttlMs = ttlMs
  }

  get(id, done) {
    answer(done, () => this.sessions.get(id))
  }

  set(id, data, done) {
    answer(done, () => this.#write(id, data))
  }

  /** A request that changed nothing moves the end of its session. */
  touch(id, data, done) {
    answer(done, () => {
      const kept = this.sessions.get(id)
      if (kept !== undefined) return this.#write(id, { ...kept, cookie: data.cookie })
    })
  }

  destroy(id, done) {
    answer(done, () => this.sessions.delete(id, written))
  }

  clear(done) {
    answer(done, () => this.sessions.clear({}, written))
  }

  all(done) {
    answer(done, () => Object.fromEntries(this.sessions.scan()))
  }

  length(done) {
    answer(done, () => this.sessions.count())
  }

  #write(id, data) {
    const ttl = data.cookie?.originalMaxAge ?? this.ttlMs
    // The cookie's own form for JSON, since an instance of its class is none of the store's types.
    const plain = { ...data, cookie: data.cookie?.toJSON?.() ?? data.cookie }
    return this.sessions.put(id, plain, { ...written, ttl })
  }
}

/** Answers a callback of Node's kind with what an action gives or throws. */
async function answer(done, action) {
  let result
  try {
    result = await action()
  } catch (error) {
    return done?.(error)
  }
  done?.(null, result)
}
