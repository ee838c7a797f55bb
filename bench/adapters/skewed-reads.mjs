/** Workloads that settings are for which keep values decoded: reads that meet some keys much oftener than others. */
export const skewedReads = ['string', 'binary', 'object'].map((kind) => `get-${kind}-zipfian`)
