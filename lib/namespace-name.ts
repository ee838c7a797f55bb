/**
 * Names of namespaces: those of graphs and vector indexes are not the user's.
 */
import { rangeError, wrongType } from './errors.js'

/** Beginnings of the names of what `store.graph` and `store.vectors` keep. Mirror `NAMESPACE_PREFIX` of both layers. */
export const reservedPrefixes = Object.freeze({ 'graph:': 'graph', 'vectors:': 'vectors' })

/** Whether a namespace belongs to a graph or a vector index. */
export function isReserved(name: string): boolean {
  return Object.keys(reservedPrefixes).some((prefix) => name.startsWith(prefix))
}

/** Refuses what is no name, and the names of graphs and vector indexes. */
export function checkNamespaceName(what: string, name: unknown): void {
  if (typeof name !== 'string') throw wrongType(what, 'a string', name)
  for (const [prefix, method] of Object.entries(reservedPrefixes)) {
    if (!name.startsWith(prefix)) continue
    throw rangeError(
      `${what} must not begin with "${prefix}", as ${JSON.stringify(name)} does: such names belong to store.${method}`,
    )
  }
}
