/** Parameters of the ranking, chosen on SciFact and Cranfield: a broad optimum, not its peak (`node bench/lab/ablation.mjs`). */
export interface Bm25Parameters {
  /** How quickly repetitions of a term stop counting. */
  k1: number;
  /** How much long texts are held back, 0 to 1. */
  b: number;
  /** Occurrences in the title count as this many in the body. */
  titleWeight: number;
  /** Occurrences in headings above a passage count as this many in the body; passages only. */
  headingWeight: number;
}

/**
 * Weight of two words that stand side by side in query and text, beside that of the rarer of the two alone.
 * 0.25 to 0.5 are alike on every collection tried (`node bench/lab/ablation.mjs`).
 */
export const PAIRING = { weight: 0.4 };

/**
 * Weight of the file name's own score beside BM25 of the text, for documents and passages alike: each word of the query
 * that the name is found by counts as its inverse frequency: of documents with such a name among all documents.
 */
export const NAMES = { weight: 1 };

export const BM25: Record<'chunk' | 'document', Bm25Parameters> = {
  document: { k1: 1, b: 0.75, titleWeight: 3, headingWeight: 0 },
  chunk: { k1: 1.2, b: 0.75, titleWeight: 1, headingWeight: 1 },
};

/** Always positive, so that a term found everywhere still counts a little. */
export const inverseDocumentFrequency = (total: number, containing: number): number =>
  Math.log(1 + (total - containing + 0.5) / (containing + 0.5));
