import { createHash } from 'node:crypto';
import { StartError } from '../../config/config-error.js';
import type { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { EncoderInfo } from '../../embeddings/embeddings.types.js';
import type { CountTokens } from '../../embeddings/token-counter.js';
import { chunkText } from '../../ingestion/chunk/chunker.js';
import { detectLanguage } from '../../ingestion/chunk/language.js';
import { readPlainText } from '../../ingestion/chunk/plain-blocks.js';
import { buildSegment } from '../../lexical/engine/segment/segment-builder.js';
import { DEFAULT_TUNING, HybridSearch, type SearchParts } from '../../rag/search/hybrid-search.js';
import type { TestCollection } from '../eval/collection.js';
import { meaningOf, wordsOf, type PassageIds } from './memory-retrievers.js';

const RESULTS = 10;
const BATCH = 256;

/** Stable, and shaped as the index wants it. */
function idOf(...parts: (string | number)[]): string {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

const COLLECTION_ID = idOf('collection');

export interface OfflineOptions {
  embeddings: EmbeddingsService;
  count: CountTokens;
  report: (step: string, done: number, total: number) => void;
}

/** A test collection in memory, cut, analysed and ranked by the product's own code; nothing is stored. */
export class OfflineSearch {
  private constructor(
    private readonly parts: Pick<SearchParts, 'lexical' | 'vectors'>,
    private readonly names: ReadonlyMap<string, string>,
    private readonly queries: readonly { id: string; text: string; vector: Float32Array }[],
    private readonly info: EncoderInfo,
    private readonly count: CountTokens,
  ) {}

  static async of(collection: TestCollection, options: OfflineOptions): Promise<OfflineSearch> {
    const { embeddings, count, report } = options;
    const info = embeddings.info();
    const rows: PassageIds[] = [];
    const texts: string[] = [];
    const names = new Map<string, string>();
    const documents: Parameters<typeof buildSegment>[0][number][] = [];
    for (const { doc_id, title = null, text } of collection.documents) {
      const extracted = readPlainText(text);
      const [documentId, versionId] = [idOf(doc_id), idOf(doc_id, 'version')];
      const context = { title: title ?? extracted.title, maxTokens: info.maxTokens };
      const chunks = chunkText(extracted, context, count).map((chunk) => {
        const chunkId = idOf(doc_id, chunk.ordinal);
        rows.push({ chunkId, documentId, versionId });
        texts.push(chunk.searchText);
        return { ...chunk, chunkId };
      });
      names.set(documentId, doc_id);
      const language = await detectLanguage(extracted.text);
      documents.push({
        documentId,
        versionId,
        collectionId: COLLECTION_ID,
        title,
        fileName: null,
        language,
        chunks,
      });
    }
    const vectors: Float32Array[] = [];
    for (let at = 0; at < texts.length; at += BATCH) {
      report('embedding passages', at, texts.length);
      vectors.push(...(await embeddings.embedPassages(texts.slice(at, at + BATCH))));
    }
    const judged = collection.queries.filter(({ id }) =>
      [...(collection.judgements.get(id)?.values() ?? [])].some((grade) => grade > 0),
    );
    const queries: { id: string; text: string; vector: Float32Array }[] = [];
    for (const query of judged) {
      if (queries.length % BATCH === 0) report('embedding queries', queries.length, judged.length);
      queries.push({ ...query, vector: await embeddings.embedQuery(query.text) });
    }
    const segment = buildSegment(documents);
    if (!segment) throw new StartError('the collection has no text');
    const parts = { lexical: wordsOf(segment.bytes), vectors: meaningOf(rows, vectors) };
    return new OfflineSearch(parts, names, queries, info, count);
  }

  /** Names of documents, best first, for each judged query, with such a share of the words' vote. */
  async rankings(lexicalWeight: number): Promise<Map<string, string[]>> {
    const search = new HybridSearch({ ...this.parts, tuning: { ...DEFAULT_TUNING, lexicalWeight } });
    const found = new Map<string, string[]>();
    for (const { id, text, vector } of this.queries) {
      const { units } = await search.search({
        query: text,
        scope: { collectionIds: [COLLECTION_ID] },
        limit: RESULTS,
        mode: 'hybrid',
        grouping: 'document',
        vector: Promise.resolve(vector),
        languages: this.info.languages,
        countTokens: this.count,
      });
      const ranked = units.map((unit) => this.names.get(unit.documentId) ?? '');
      found.set(id, [...new Set(ranked)].slice(0, RESULTS));
    }
    return found;
  }
}
