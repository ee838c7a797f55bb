/** The site: what `npm run docs` has put into `pages`, with a search that needs no network. */

import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const sidebar = JSON.parse(readFileSync(new URL('../pages/sidebar.json', import.meta.url), 'utf8'))

export default defineConfig({
  title: 'SledStore',
  description: 'An embedded database for Node',
  srcDir: 'pages',
  lastUpdated: false,
  // Wide enough for a line of code.
  head: [
    ['style', {}, ':root { --vp-layout-max-width: 1660px } .VPDoc.has-aside .content-container { max-width: 920px }'],
  ],
  themeConfig: {
    nav: [
      { text: 'Quickstart', link: '/guide/quickstart' },
      { text: 'All pages', link: '/pages' },
      { text: 'Reference', link: '/reference/api/' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [],
  },
})
