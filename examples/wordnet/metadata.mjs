/** The small things that applications keep beside their data, each in a namespace of its own with the codec that fits. */

import { codec, key } from 'sledstore'

function namespaces(store) {
  return {
    settings: store.namespace('settings', { key: key.string, value: codec.json() }),
    preferences: store.namespace('preferences', { key: key.tuple(key.string, key.string), value: codec.json() }),
    sessions: store.namespace('sessions', { key: key.string, value: codec.msgpack() }),
  }
}

const user = 'user-1'
const session = 'session-1'

/** What is stored; the session's dates and bytes are of types that JSON does not know. */
export const metadata = {
  settings: { language: 'en', theme: 'dark', resultsPerPage: 10, source: { name: 'WordNet', version: '3.1' } },
  preferences: { colors: ['green', 'brown'], emailDigest: false, größe: 'groß' },
  session: {
    user,
    startedAt: new Date('2026-01-05T08:30:00.125Z'),
    expiresAt: new Date('2026-01-06T08:30:00.125Z'),
    token: Uint8Array.from({ length: 32 }, (_, at) => (at * 37) % 256),
    visited: ['whale', 'tree', 'library'],
    requests: 17,
  },
}

/** Stores the metadata in one batch; gives how many rows they are. */
export async function writeMetadata(store, options) {
  const { settings, preferences, sessions } = namespaces(store)
  let rows = 0
  await store.batch((batch) => {
    const put = (namespace, key, value) => {
      batch.put(namespace, key, value)
      rows++
    }
    for (const [name, value] of Object.entries(metadata.settings)) put(settings, name, value)
    for (const [name, value] of Object.entries(metadata.preferences)) put(preferences, [user, name], value)
    put(sessions, session, metadata.session)
  }, options)
  return rows
}

/** Reads it back, in the shape of {@link metadata}. */
export function readMetadata(store) {
  const { settings, preferences, sessions } = namespaces(store)
  const ofUser = [...preferences.scan({ prefix: [user] })].map(([[, name], value]) => [name, value])
  return {
    settings: Object.fromEntries(settings.scan()),
    preferences: Object.fromEntries(ofUser),
    session: sessions.get(session),
  }
}
