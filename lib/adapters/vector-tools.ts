/**
 * What is made of vectors beside the search for the nearest: clusters, outliers, duplicates, fused rankings, edges between
 * what is similar, imports in steps, and vectors of texts.
 *
 * @packageDocumentation
 */
export { cluster, type ClusterOptions, type Clusters, type ClusterProgress } from './vector-tools/cluster.js'
export { embedder, type Embedder, type EmbedderOptions } from './vector-tools/embed.js'
export { fuse, type Fused, type FuseOptions, type Ranked } from './vector-tools/fuse.js'
export { hybridSearch, type HybridMatch, type HybridSearch } from './vector-tools/hybrid.js'
export { ImportError, importVectors, type ImportOptions, type ImportProgress } from './vector-tools/import.js'
export {
  duplicates,
  outliers,
  similarityEdges,
  type DuplicateOptions,
  type NeighborhoodOptions,
  type Outlier,
  type OutlierOptions,
  type SimilarityOptions,
} from './vector-tools/neighbors.js'
export type { VectorRow } from './vector-tools/shared.js'
