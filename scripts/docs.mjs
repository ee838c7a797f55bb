/**
 * Builds the site of the documentation: the pages of the repository and a reference made from the typings, as HTML that needs
 * no network. `npm run docs` writes it to docs/site/.vitepress/dist.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inSeconds, run } from './shared/process.mjs'
import { SetupError, setup } from './shared/prepare.mjs'
import { root } from './shared/project.mjs'
import { brokenLinks, foreignSources } from './site/links.mjs'
import { stagePages } from './site/pages.mjs'

const site = join(root, 'docs', 'site')

/**
 * @returns {Promise<{ pages: number, links: number, output: string }>} where the site is, and how much of it there is
 * @throws when a page cannot be made, or a link of the site leads nowhere
 */
export async function buildSite() {
  const { referencePages } = await import('./site/reference.mjs')
  const reference = await referencePages(site)
  const pages = stagePages(join(site, 'pages'), reference)
  const { code, output } = await run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build'], {
    cwd: site,
    env: { NODE_ENV: undefined, NO_COLOR: '1' },
  })
  if (code !== 0) throw new Error(`vitepress failed\n${output}`)
  const built = join(site, '.vitepress', 'dist')
  const { links, broken } = brokenLinks(built)
  const complaints = [...broken, ...foreignSources(built)]
  if (complaints.length > 0) throw new Error(`the site has faults:\n${complaints.join('\n')}`)
  return { pages, links, output: built }
}

async function main() {
  const started = performance.now()
  try {
    await setup({ with: ['docs/site'] })
    const { pages, links, output } = await buildSite()
    console.log(`${pages} pages, ${links} links, in ${output}: ${inSeconds((performance.now() - started) / 1000)}`)
  } catch (error) {
    console.error(`docs: ${error instanceof SetupError ? error.message : error.stack}`)
    process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
