import { setTimeout as sleep } from 'node:timers/promises';
import type { RetrievalMode } from '../../rag/retrieval.types.js';
import type { ApiClient } from '../client.js';
import type { TestCollection } from './collection.js';
import { judge, meanQuality, type Quality } from '../../common/search/ranking-quality.js';

const BATCH = 64;
const LANES = 2;
const PAGE = 200;
const SWEEP_MS = 500;
const RESULTS = 100;

export type Report = (step: string, detail: string) => void;

export interface IngestFigures {
  documents: number;
  /** Until the last batch was acknowledged. */
  acceptedSeconds: number;
  /** Until the last document was fully indexed. */
  seconds: number;
}

export interface IngestOptions {
  collectionId: string;
  /** Without an encoder, `lexical` is all there will be. */
  wanted: 'lexical' | 'full';
  report: Report;
}

/**
 * Adds the documents in batches of 64, title apart, and waits until each is indexed.
 * @throws Error when a document failed
 */
export async function ingest(
  client: ApiClient,
  { documents }: Pick<TestCollection, 'documents'>,
  options: IngestOptions,
): Promise<IngestFigures> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  let next = 0;
  let added = 0;
  const lane = async (): Promise<void> => {
    while (next < documents.length) {
      const batch = documents.slice(next, (next += BATCH));
      added += (await client.addDocuments(batch, { collection_id: options.collectionId })).added;
      options.report('adding documents', `${added} of ${documents.length}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const acceptedSeconds = seconds();
  await waitUntilIndexed(client, documents.length, options);
  return { documents: documents.length, acceptedSeconds, seconds: seconds() };
}

/** Sweeps over the list of documents; a page that is done is not asked for again, as nothing is added meanwhile. */
async function waitUntilIndexed(client: ApiClient, total: number, options: IngestOptions): Promise<void> {
  const { collectionId, wanted, report } = options;
  const pages: { cursor: string | undefined; size: number; done: number }[] = [
    { cursor: undefined, size: -1, done: 0 },
  ];
  for (;;) {
    for (const page of pages) {
      if (page.done === page.size) continue;
      const { items, next_cursor } = await client.documents({
        collection_id: collectionId,
        limit: String(PAGE),
        ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      });
      const failed = items.find((item) => item.status === 'failed');
      if (failed) throw new Error(`${failed.doc_id} failed: ${failed.error?.detail ?? 'no reason given'}`);
      if (page.size < 0 && next_cursor !== null) pages.push({ cursor: next_cursor, size: -1, done: 0 });
      page.size = items.length;
      page.done = items.filter(
        (item) => item.status === 'ready' && (item.indexed === 'full' || item.indexed === wanted),
      ).length;
    }
    const listed = pages.reduce((sum, page) => sum + page.size, 0);
    const done = pages.reduce((sum, page) => sum + page.done, 0);
    if (listed !== total) throw new Error(`${total} documents were acknowledged, ${listed} are listed`);
    report('indexing', `${done} of ${total}`);
    if (done === total) return;
    await sleep(SWEEP_MS);
  }
}

/** What one query was given, and how good that was. */
export interface QueryResult extends Omit<Quality, 'queries'> {
  query: string;
  milliseconds: number;
  /** Document ids, best first. */
  ranking: string[];
}

export interface QueryFigures extends Quality {
  mode: RetrievalMode;
  /** Of each query, one after the other. */
  milliseconds: number[];
  /** Codes of what was left out of at least one answer. */
  degraded: string[];
  /** Of each query that has a relevant document. */
  results: QueryResult[];
}

/** Asks every query for 100 documents, one after the other. */
export async function askAll(
  client: ApiClient,
  { queries, judgements }: Pick<TestCollection, 'queries' | 'judgements'>,
  options: { collectionId: string; mode: RetrievalMode; report: Report },
): Promise<QueryFigures> {
  const rankings = new Map<string, string[]>();
  const milliseconds: number[] = [];
  const degraded = new Set<string>();
  for (const { id, text } of queries) {
    const startedAt = performance.now();
    const { results, retrieval } = await client.query({
      query: text,
      n_results: RESULTS,
      group_by: 'document',
      mode: options.mode,
      collection_ids: [options.collectionId],
    });
    milliseconds.push(performance.now() - startedAt);
    for (const code of retrieval.degraded) degraded.add(code);
    rankings.set(
      id,
      results.map((result) => result.id),
    );
    options.report(`asking (${options.mode})`, `${rankings.size} of ${queries.length}`);
  }
  const results = queries.flatMap(({ id }, i): QueryResult[] => {
    const ranking = rankings.get(id) ?? [];
    const figures = judge(ranking, judgements.get(id) ?? new Map());
    return figures ? [{ query: id, ...figures, milliseconds: milliseconds[i] ?? 0, ranking }] : [];
  });
  const { mode } = options;
  return { ...meanQuality(rankings, judgements), mode, milliseconds, degraded: [...degraded], results };
}
