// Queries that were not asked before: a cache must not answer for the encoder.

/** The queries of a collection and then the titles of its documents, each once. */
export function freshQueries({ queries, documents }) {
  const texts = [...queries.map(({ text }) => text), ...documents.flatMap(({ title }) => title ?? [])];
  const unique = [...new Set(texts)];
  let taken = 0;
  return {
    take(count) {
      const some = unique.slice(taken, taken + count);
      taken += some.length;
      return some;
    },
    /** What a test with `count` queries can really have when collections are cut. */
    share: (count) => Math.min(count, Math.floor(unique.length / 4)),
  };
}

export const queryBodies = (texts, collectionId) =>
  texts.map((query) => ({ query, n_results: 10, group_by: 'document', collection_ids: [collectionId] }));
