/** What is asked, by the process that loaded the store (of the files) and by the one that reopens it (of the store). */

export const questions = {
  /** What is a whale, the animal, up to the root of all nouns? */
  ancestry: { from: { word: 'whale', lexname: 'noun.animal' }, to: { word: 'entity', lexname: 'noun.Tops' } },
  /** What parts has a tree, the plant? */
  parts: { of: { word: 'tree', lexname: 'noun.plant' } },
  /** Which concepts are nearest to this text, among all and among those of one part of speech? */
  nearest: { text: 'a place where books are kept', part: 'noun', limit: 8 },
}

/**
 * @typedef {{ key: string, words: string[] }} Concept a synset: the letter of its part of speech and its offset in the
 *   data file, and its words
 * @typedef {{ key: string, distance: number }} Near
 * @typedef {{
 *   nodes: number, edges: number, vectors: number, ancestry: Concept[], parts: Concept[],
 *   nearest: (Concept & Near)[], nearestOfPart: (Concept & Near)[], metadata: object
 * }} Answers of the store
 * @typedef {{
 *   nodes: number, edges: number, vectors: number, ancestries: Concept[][], parts: Concept[],
 *   nearest: Near[], nearestOfPart: Near[], metadata: object
 * }} Truth `ancestries`: every shortest way; `nearest`: all glosses, nearest first
 */
