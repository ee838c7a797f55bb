/** Just enough of Rust's grammar for the rules: code without comments and literals, functions, the tree of modules. */

const literalsAndComments =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<!\w)b?r(#*)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\(?:u\{[^}]*\}|x[\da-fA-F]{2}|.)|[^\\'\n])'/g

/** The text with comments and literals blanked out; every position and line stays where it was. */
export function codeOf(text) {
  return text.replaceAll(literalsAndComments, (match) => match.replaceAll(/[^\n]/g, ' '))
}

/** Code without the unit tests at the end of a file. */
export function productionCodeOf(text) {
  const code = codeOf(text)
  const tests = code.search(/^#\[cfg\(test\)\]\s*\n\s*(?:#\[[^\n]*\]\s*\n\s*)*mod \w+/m)
  return tests === -1 ? code : code.slice(0, tests)
}

/**
 * Functions with a body.
 *
 * @returns {{ name: string, start: number, end: number }[]} positions of `fn` and of the closing brace
 */
export function rustFunctions(code) {
  const found = []
  for (const match of code.matchAll(/\bfn\s+(\w+)/g)) {
    const open = bodyStart(code, match.index + match[0].length)
    if (open !== -1) found.push({ name: match[1], start: match.index, end: closingBrace(code, open) })
  }
  return found
}

/** Where the body opens, or −1 when a semicolon ends the declaration first. */
function bodyStart(code, from) {
  let depth = 0
  for (let at = from; at < code.length; at++) {
    const sign = code[at]
    if (sign === '(' || sign === '[') depth++
    else if (sign === ')' || sign === ']') depth--
    else if (depth === 0 && sign === '{') return at
    else if (depth === 0 && sign === ';') return -1
  }
  return -1
}

function closingBrace(code, open) {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === '{') depth++
    else if (code[at] === '}' && --depth === 0) return at
  }
  return code.length
}

/**
 * Files a file names by `mod`, as candidates: a module is one of two files.
 *
 * @returns {string[][]}
 */
export function childModules(path, text) {
  const folder = path.slice(0, path.lastIndexOf('/'))
  const stem = path.slice(folder.length + 1, -'.rs'.length)
  const isRoot =
    ['lib', 'main', 'mod', 'build'].includes(stem) || /\/(?:tests|benches|examples|fuzz_targets)$/.test(folder)
  const home = isRoot ? folder : `${folder}/${stem}`
  const children = []
  for (const [, name] of codeOf(text).matchAll(/\bmod\s+(\w+)\s*;/g)) {
    children.push([`${home}/${name}.rs`, `${home}/${name}/mod.rs`])
  }
  for (const [, given] of text.matchAll(/#\[path\s*=\s*"([^"]+)"\]/g)) children.push([normalize(`${folder}/${given}`)])
  return children
}

/** A path without `.` and `..`. */
export function normalize(path) {
  const parts = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
