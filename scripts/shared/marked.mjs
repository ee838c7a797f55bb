/** Parts of a page that a program writes: they stand between two lines with marks. */

/** A page with the text between its marks replaced; undefined where it has no such marks. */
export function insertBetween(page, { begin, end }, text) {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) return undefined
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}
