/** Scripts as they are published. */

/** Classes that no user makes or prints: what works inside, and those that others extend. */
const unseen = new Set(
  (
    'AsyncVectorReaderCore Call Changes CheckedGraphSchema Encoded GraphReaderCore Ids IndexBuffer IteratorBase LoadPage ' +
    'Loading NamespaceCore Packr PagedScan Parts Passes ReaderCore Result Rows Sequence StoreCore Turn Turns ValueCache VectorCore ' +
    'VectorReaderCore'
  ).split(' '),
)
const isSeen = (name) => !unseen.has(name)

/**
 * Members that nobody names but the script they stand in, ours and msgpackr's, by how often they stand there. What copies
 * of the package share (`Shared` of lib/internal/native.ts) keeps its names, for each copy may have other short ones.
 */
export const inner = new RegExp(
  `^(?:${[
    'lastNamedStructuresLength|checkUsable|sharedLength|transitions|restoreStructures|checkOpen|checkLabels',
    'shouldShareStructure|checkNodeNames|_mergeStructures|writePart|checkSearch|readPart|checkValue|checkTypes',
    'checkEdgeNames|variableMapSize|_onLoadedStructures|postBundlePosition|maxSharedStructure|askAsync',
    'withAttributes|withVectors|optionals|readStored|hasTextValues|hasTextKeys|readManyAsync|readAsync|droppedError',
    'keyStart|batchBytesMax|encodeCopy|valueReads|keyCopy|longJob|encodeKey|saveStructures|structures|useRecords',
    'moreTypes|int64AsType|mapsAsObjects|getStructures|uninitialized|maxSharedStructures|unpackMultiple|copyBuffers',
    'highByte|nextOwnId|coercibleKeyAsNumber|largeBigIntToString|largeBigIntToFloat|incomplete|freezeData',
    'useBigIntExtension|_writeStruct|_readStruct|edgeChange|changeWith|edgesBetween|checkNoSchema|runAsync',
    'allIndexes|isUsed|isAscii|onReplace',
    'targetView|startLength|endLength|nextId|dataView|idsToInsert|stringsPosition|position0|position1|skipValues|isShared',
    'writeFunction|useToJSON|isCompatible|progressiveRecords|encodeUndefinedAsNil|allowArraysInMapKeys|useFloat32',
    '_prepareStructures|_onSaveState|onInvalidDate',
  ].join('|')})$`,
)

/**
 * The script in fewer bytes. Classes keep their names, for stack traces, and no character is outside ASCII: a single one
 * makes V8 keep the whole script in two bytes a character.
 *
 * @param {string} code a CommonJS module
 * @param {{ ecma?: 5 | 2020, keepsFunctions?: boolean }} options the edition of the language that may be written, and
 *   whether functions keep their names, too
 */
export async function minified(code, { ecma = 2020, keepsFunctions = false } = {}) {
  // Most classes have theirs from the variable that holds them.
  const reserved = [...code.matchAll(/\b([A-Z]\w{2,})=class\b/g)].map(([, name]) => name).filter(isSeen)
  const { minify } = await import('terser')
  const made = await minify(code, {
    ecma,
    toplevel: true,
    keep_classnames: true,
    keep_fnames: keepsFunctions,
    compress: { passes: 8, unsafe_proto: true },
    mangle: { reserved, properties: { regex: inner, keep_quoted: true } },
    format: { ascii_only: true },
  })
  return `${made.code}\n`
}
