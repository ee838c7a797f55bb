/** What WordNet's files mean by their numbers and symbols: lexnames(5WN) and wninput(5WN). */

/** Names of the lexicographer files, by number. */
export const lexicographerFiles = [
  'adj.all',
  'adj.pert',
  'adv.all',
  'noun.Tops',
  'noun.act',
  'noun.animal',
  'noun.artifact',
  'noun.attribute',
  'noun.body',
  'noun.cognition',
  'noun.communication',
  'noun.event',
  'noun.feeling',
  'noun.food',
  'noun.group',
  'noun.location',
  'noun.motive',
  'noun.object',
  'noun.person',
  'noun.phenomenon',
  'noun.plant',
  'noun.possession',
  'noun.process',
  'noun.quantity',
  'noun.relation',
  'noun.shape',
  'noun.state',
  'noun.substance',
  'noun.time',
  'verb.body',
  'verb.change',
  'verb.cognition',
  'verb.communication',
  'verb.competition',
  'verb.consumption',
  'verb.contact',
  'verb.creation',
  'verb.emotion',
  'verb.motion',
  'verb.perception',
  'verb.possession',
  'verb.social',
  'verb.stative',
  'verb.weather',
  'adj.ppl',
]

/** Types of pointers by symbol. */
const pointerTypes = {
  '!': 'antonym',
  '@': 'hypernym',
  '@i': 'instance_hypernym',
  '~': 'hyponym',
  '~i': 'instance_hyponym',
  '#m': 'member_holonym',
  '#s': 'substance_holonym',
  '#p': 'part_holonym',
  '%m': 'member_meronym',
  '%s': 'substance_meronym',
  '%p': 'part_meronym',
  '=': 'attribute',
  '+': 'derivationally_related_form',
  '*': 'entailment',
  '>': 'cause',
  '^': 'also_see',
  $: 'verb_group',
  '&': 'similar_to',
  '<': 'participle_of_verb',
  ';c': 'domain_topic',
  '-c': 'member_of_domain_topic',
  ';r': 'domain_region',
  '-r': 'member_of_domain_region',
  ';u': 'domain_usage',
  '-u': 'member_of_domain_usage',
}

/** The type that a symbol stands for in a part of speech, named by its letter. */
export function pointerType(symbol, letter) {
  if (symbol === '\\') return letter === 'r' ? 'derived_from_adjective' : 'pertainym'
  const type = pointerTypes[symbol]
  if (type === undefined) throw new Error(`no pointer of WordNet has the symbol ${symbol}`)
  return type
}
