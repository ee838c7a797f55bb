/** A package registry on loopback that serves packed packages and nothing else. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename } from 'node:path'

function hashed(bytes, algorithm, encoding) {
  return createHash(algorithm).update(bytes).digest(encoding)
}

/** What a registry says of a package that has one version. */
function packument(manifest, bytes, tarball) {
  const dist = {
    tarball,
    shasum: hashed(bytes, 'sha1', 'hex'),
    integrity: `sha512-${hashed(bytes, 'sha512', 'base64')}`,
  }
  const { name, version } = manifest
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
}

/**
 * @param {{ manifest: { name: string, version: string }, file: string }[]} packages
 * @returns {Promise<{ url: string, asked: Set<string>, close: () => void }>} `asked` gathers the paths that were fetched
 */
export async function serveRegistry(packages) {
  const asked = new Set()
  const answers = new Map()
  const server = createServer((request, response) => {
    asked.add(request.url)
    const answer = answers.get(request.url)
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(request.method === 'HEAD' ? undefined : (answer ?? '{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  for (const { manifest, file } of packages) {
    const bytes = readFileSync(file)
    const path = `/${manifest.name}/-/${basename(file)}`
    answers.set(path, bytes)
    answers.set(`/${manifest.name}`, JSON.stringify(packument(manifest, bytes, new URL(path, url).href)))
  }
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url, asked, close }
}
