/** The pages of the site: those of the repository at their place in it, and a page for each file that one of them links to. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, posix } from 'node:path'
import { root } from '../shared/project.mjs'

/** Which pages of the repository are pages of the site. */
const staged = /^(?:[A-Z]+\.md|docs\/(?!site\/).*\.md|(?:examples|bench|packages|__test__)\/.*README\.md)$/

/** Where a page of the repository stands in the site. */
export function placeOf(path) {
  const inside = path.replace(/^docs\/README\.md$/, 'pages.md').replace(/^docs\//, '')
  return inside.replace(/(^|\/)README\.md$/, '$1index.md')
}

/** Where the text of any other file stands. */
const placeOfFile = (path) => `files/${path}.md`

function repositoryPages() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  const paths = [...new Set(listed.toString('utf8').split('\0'))]
  return paths.filter((path) => staged.test(path) && existsSync(join(root, path))).sort()
}

/** Replaces the targets of the links in a page's prose, not in its code. */
export function withLinks(text, change) {
  const parts = text.split(/(^ *(?:```|~~~)[\s\S]*?^ *(?:```|~~~)$)/m)
  const link = /\]\(([^)\s]+)\)/g
  return parts
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll(link, (_, target) => `](${change(target)})`)))
    .join('')
}

/** A link of a page, as it is in the site; `linked` gathers the files that are not pages. */
function inSite(page, target, pages, linked) {
  if (/^(?:[a-z]+:|#)/.test(target)) return target
  const [path, anchor] = target.split('#')
  let wanted = posix.normalize(posix.join(posix.dirname(page), path))
  if (!existsSync(join(root, wanted))) throw new Error(`${page} links to ${wanted}, which does not exist`)
  if (statSync(join(root, wanted)).isDirectory()) wanted = posix.join(wanted, 'README.md')
  if (!pages.includes(wanted)) linked.add(wanted)
  const place = pages.includes(wanted) ? placeOf(wanted) : placeOfFile(wanted)
  const relative = posix.relative(posix.dirname(placeOf(page)), place)
  return `${relative.startsWith('.') ? '' : './'}${relative}${anchor === undefined ? '' : `#${anchor}`}`
}

const languages = {
  '.mjs': 'js',
  '.cjs': 'js',
  '.js': 'js',
  '.ts': 'ts',
  '.json': 'json',
  '.rs': 'rust',
  '.toml': 'toml',
}

function pageOfFile(path) {
  const text = readFileSync(join(root, path), 'utf8')
  const title = path.split('/').at(-1)
  return `---\noutline: false\n---\n\n# ${title}\n\n\`${path}\`\n\n\`\`\`\`${languages[extname(path)] ?? 'text'}\n${text}\n\`\`\`\`\n`
}

/** The sidebar, from the list of all pages: headings with the links below them. */
export function sidebarOf(list) {
  return list
    .split(/^## /m)
    .slice(1)
    .map((part) => ({
      text: part.split('\n')[0].trim(),
      items: [...part.matchAll(/^- \[([^\]]+)\]\(([^)]+)\.md\)/gm)].map(([, text, path]) => ({
        text,
        link: `/${posix.normalize(path).replace(/(^|\/)index$/, '$1')}`,
      })),
    }))
}

/**
 * Writes the pages into a folder, which is emptied before.
 *
 * @param {Map<string, string>} reference pages for `reference/api/`
 * @returns {number} how many they are
 */
export function stagePages(folder, reference) {
  rmSync(folder, { recursive: true, force: true })
  const texts = new Map()
  const pages = repositoryPages()
  const linked = new Set()
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    texts.set(
      placeOf(page),
      withLinks(text, (target) => inSite(page, target, pages, linked)),
    )
  }
  for (const path of linked) texts.set(placeOfFile(path), pageOfFile(path))
  for (const [name, text] of reference) texts.set(`reference/api/${name}`, text)
  texts.set('sidebar.json', JSON.stringify(sidebarWithReference(texts.get('pages.md') ?? '')))
  for (const [place, text] of texts) {
    mkdirSync(dirname(join(folder, place)), { recursive: true })
    writeFileSync(join(folder, place), text)
  }
  return texts.size - 1
}

function sidebarWithReference(list) {
  const exported = { text: 'Everything exported', link: '/reference/api/' }
  const sidebar = sidebarOf(list)
  const reference = sidebar.find(({ text }) => text === 'Reference')
  if (reference === undefined) throw new Error('docs/README.md has no heading “Reference”, where its pages belong')
  reference.items.unshift(exported)
  return sidebar
}
