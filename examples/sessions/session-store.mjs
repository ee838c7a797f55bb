/** Sessions of express-session in a namespace of a store. */

import session from 'express-session'

/** Sessions whose cookie names no end are kept this long after their last request. */
const dayMs = 24 * 60 * 60 * 1000

/** A session is written often and can be made again: it survives a killed process, not a power cut. */
const written = { durability: 'os' }

export class SessionStore extends session.Store {
  /**
   * @param {import('sledstore').SledStore} store
   * @param {{ name?: string, ttlMs?: number, now?: () => number }} [options]
   */
  constructor(store, { name = 'sessions', ttlMs = dayMs, now = Date.now } = {}) {
    super()
    this.sessions = store.namespace(name)
    Object.assign(this, { ttlMs, now })
  }

  get(id, done) {
    answer(done, () => this.#read(id))
  }

  set(id, data, done) {
    answer(done, () => this.#write(id, data))
  }

  /** A request that changed nothing moves the end of its session. */
  touch(id, data, done) {
    answer(done, () => {
      const kept = this.#read(id)
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
    answer(done, () => Object.fromEntries(this.#live()))
  }

  length(done) {
    answer(done, () => [...this.#live()].length)
  }

  /** Removes what has expired; for a timer of the application's. Gives how many sessions these were. */
  async sweep() {
    const ended = [...this.sessions.scan()].filter(([, { expires }]) => expires <= this.now())
    // Only as it was seen: a session that was written meanwhile lives.
    const removed = await Promise.all(
      ended.map(([id, entry]) => this.sessions.compareAndSet(id, entry, undefined, written)),
    )
    return removed.filter(Boolean).length
  }

  #read(id) {
    const entry = this.sessions.get(id)
    return entry !== undefined && entry.expires > this.now() ? entry.data : undefined
  }

  #write(id, data) {
    const ttl = data.cookie?.originalMaxAge ?? this.ttlMs
    // The cookie's own form for JSON, since an instance of its class is none of the store's types.
    const plain = { ...data, cookie: data.cookie?.toJSON?.() ?? data.cookie }
    return this.sessions.put(id, { data: plain, expires: this.now() + ttl }, written)
  }

  *#live() {
    for (const [id, { data, expires }] of this.sessions.scan()) if (expires > this.now()) yield [id, data]
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
