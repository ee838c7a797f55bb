/** What is looked at in a built site: that its links lead to pages and headings that exist, and that it loads nothing from elsewhere. */

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The HTML files of a site with their texts. */
function pagesIn(folder) {
  const names = readdirSync(folder, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'))
  return new Map(
    names.filter((name) => name.endsWith('.html')).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

const unescaped = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'")

function idsOf(html) {
  return new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescaped(id)))
}

/** The page a path of the site means. */
function pageAt(path) {
  const name = decodeURIComponent(path).replace(/^\//, '')
  if (name === '' || name.endsWith('/')) return `${name}index.html`
  return name
}

/**
 * @param {string} folder of a built site
 * @returns {{ links: number, broken: string[] }} how many links within the site there are, and those that lead nowhere
 */
export function brokenLinks(folder) {
  const pages = pagesIn(folder)
  const ids = new Map([...pages].map(([name, html]) => [name, idsOf(html)]))
  const broken = []
  let links = 0
  for (const [name, html] of pages) {
    for (const [, raw] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      const href = unescaped(raw)
      if (/^(?:[a-z]+:|\/\/)/i.test(href)) continue
      links++
      const [path, anchor] = href.split('#')
      const target =
        path === '' ? name : pageAt(posix.resolve('/', posix.dirname(name), path) + (/.\/$/.test(path) ? '/' : ''))
      const isThere = pages.has(target) || existsSync(join(folder, target))
      if (!isThere) broken.push(`${name} links to ${href}, which does not exist`)
      else if (anchor && pages.has(target) && !ids.get(target).has(decodeURIComponent(anchor)))
        broken.push(`${name} links to ${href}, whose heading does not exist`)
    }
  }
  return { links, broken: [...new Set(broken)] }
}

/** Scripts, styles, fonts and pictures that a page would load from another host. */
export function foreignSources(folder) {
  const found = []
  for (const [name, html] of pagesIn(folder)) {
    for (const [tag] of html.matchAll(/<(?:script|img|iframe|source|video|audio)\b[^>]*\ssrc="(?:https?:)?\/\/[^>]*>/g))
      found.push(`${name} loads ${tag}`)
    for (const [tag] of html.matchAll(/<link\b[^>]*\shref="(?:https?:)?\/\/[^>]*>/g)) found.push(`${name} loads ${tag}`)
  }
  return found
}
