/** The builder of the site notices what is wrong with it, and puts pages and links where they belong. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshFolders } from '../helpers/folder.js'

const script = (name: string): string => new URL(`../../scripts/site/${name}.mjs`, import.meta.url).href
const { brokenLinks, foreignSources } = (await import(script('links'))) as {
  brokenLinks(folder: string): { links: number; broken: string[] }
  foreignSources(folder: string): string[]
}
const { placeOf, sidebarOf, withLinks } = (await import(script('pages'))) as {
  placeOf(path: string): string
  sidebarOf(list: string): unknown
  withLinks(text: string, change: (target: string) => string): string
}

const fresh = freshFolders()

function siteOf(files: Record<string, string>): string {
  const folder = fresh()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

describe('links of a built site', () => {
  const home = '<h1 id="top">Home</h1>'

  it('lead to pages and headings', () => {
    const links = ['/', '#top', '/guide/a.html#one', '/guide/a.html', 'https://example.org/'].map(
      (to) => `<a href="${to}">x</a>`,
    )
    const guide = '<h1 class="x" id="one">A</h1><a class="y" href="../index.html#top">up</a>'
    const site = siteOf({ 'index.html': home + links.join(''), 'guide/a.html': guide })
    expect(brokenLinks(site)).toEqual({ links: 5, broken: [] })
  })

  it.each([
    ['a page that is missing', '/guide/b.html'],
    ['a heading that is missing', '/guide/a.html#two'],
    ['a heading that the page itself misses', '#bottom'],
    ['a folder without a page', '/guide/'],
  ])('are found out: %s', (_, href) => {
    const site = siteOf({ 'index.html': `${home}<a href="${href}">x</a>`, 'guide/a.html': '<h1 id="one">A</h1>' })
    expect(brokenLinks(site).broken).toHaveLength(1)
  })
})

it.each([
  ['<script src="https://example.org/x.js"></script>', 1],
  ['<link rel="stylesheet" href="//example.org/x.css">', 1],
  ['<img alt="" src="https://example.org/x.png">', 1],
  ['<script src="/assets/x.js"></script><a href="https://example.org">x</a>', 0],
])('what a page loads from elsewhere is found out: %s', (html, count) => {
  expect(foreignSources(siteOf({ 'index.html': html }))).toHaveLength(count)
})

it.each([
  ['README.md', 'index.md'],
  ['docs/README.md', 'pages.md'],
  ['docs/guide/graph.md', 'guide/graph.md'],
  ['docs/decisions/README.md', 'decisions/index.md'],
  ['examples/README.md', 'examples/index.md'],
  ['ARCHITECTURE.md', 'ARCHITECTURE.md'],
])('%s stands at %s', (path, place) => expect(placeOf(path)).toBe(place))

it('changes links in prose, not in code', () => {
  const text = '[a](x.md)\n\n```ts\nf[0](x.md)\n```\n\n[b](y.md#z)\n'
  expect(withLinks(text, (target) => `new-${target}`)).toBe(
    '[a](new-x.md)\n\n```ts\nf[0](x.md)\n```\n\n[b](new-y.md#z)\n',
  )
})

it('makes the sidebar of the list of pages', () => {
  const list =
    '# Pages\n\n## Use\n\n- [Start](./guide/start.md): first\n- [All](./decisions/index.md)\n\n## Change\n\nWords.\n'
  expect(sidebarOf(list)).toEqual([
    {
      text: 'Use',
      items: [
        { text: 'Start', link: '/guide/start' },
        { text: 'All', link: '/decisions/' },
      ],
    },
    { text: 'Change', items: [] },
  ])
})
