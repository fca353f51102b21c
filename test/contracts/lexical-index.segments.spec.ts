import { jest } from '@jest/globals';
import { MetadataFilter } from '../../src/common/filter/metadata-filter.js';
import { MOST_RANKED } from '../../src/common/search/best-chosen.js';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { IndexHead } from '../../src/database/index-head.js';
import { SegmentFollower } from '../../src/lexical/adapters/segments/segment-follower.js';
import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import type { LexicalHit } from '../../src/lexical/lexical.types.js';
import { describeLexicalComparison } from './lexical-comparison.contract.js';
import { describeLexicalIndex } from './lexical-index.contract.js';
import { describeLexicalPhrases } from './lexical-phrases.contract.js';
import { Library, startLexicalDatabase } from './lexical.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await startLexicalDatabase();
});
afterAll(() => database.stop());

/** As on a database that other processes write to. */
const create = (): SegmentsLexicalIndex =>
  new SegmentsLexicalIndex(database.dataSource, new IndexHead(database.dataSource, new CommitWatch(false)));

describe('segments', () => {
  describeLexicalIndex(() => ({
    dataSource: database.dataSource,
    create,
  }));
});

describe('segments, word for word', () => {
  describeLexicalPhrases(() => ({
    dataSource: database.dataSource,
    create,
  }));
});

describe('segments, compared with the documents', () => {
  describeLexicalComparison(() => ({
    dataSource: database.dataSource,
    create,
    lose: () => database.dataSource.query('delete from lexical_segments'),
  }));
});

test('what a filter chooses unlike the query needs no ranking of all that is like it', async () => {
  const { dataSource } = database;
  const shelf = await (await Library.open(dataSource)).addCollection();
  // Of the far ones, every hundredth holds the word; of the others all, and more often.
  const [NEAR, FAR] = [1500, 400];
  await dataSource.query(
    `with made as (
       select gen_random_uuid() as document, gen_random_uuid() as version, n from generate_series(1, ${NEAR + FAR}) n),
     documents as (
       insert into documents (id, collection_id, external_id, status, active_version_id, metadata)
       select document, $1, n::text, 'ready', version, jsonb_build_object('n', n) from made),
     versions as (
       insert into document_versions (id, document_id, title, mime, byte_size, sha256, chunk_count, language)
       select version, document, '', 'text/plain', 1, '', 1, 'en' from made)
     insert into chunks (id, version_id, ordinal, text, search_text, char_start, char_end, heading_path, token_count)
     select gen_random_uuid(), version, 0, case
         when n <= ${NEAR} then 'harbour harbour harbour'
         when n % 100 = 0 then 'a harbour' || repeat(' and something else', n / 100) else 'nothing of the kind' end,
       '', 0, 1, '{}', 1 from made`,
    [shelf],
  );
  const index = create();
  const asked = jest.spyOn(SegmentFollower.prototype, 'run');
  try {
    await index.createIndex();
    await index.settled();
    for (const level of ['document', 'chunk'] as const) {
      const scope = { level, collectionIds: [shelf] };
      const all = await index.query('harbour', { ...scope, topK: NEAR + FAR });
      const numbers = await numbersOf(all);
      expect(numbers).toHaveLength(NEAR + 4);
      asked.mockClear();
      const filter = MetadataFilter.parse({ n: { $gt: NEAR } });
      for (const topK of [3, 10]) {
        const found = await numbersOf(await index.query('harbour', { ...scope, topK, filter }));
        expect(found).toEqual(numbers.filter((n) => n > NEAR).slice(0, topK));
      }
      const depths = asked.mock.calls.flatMap(([task]) => (task.kind === 'query' ? [task.query.topK] : []));
      expect(depths.length).toBeGreaterThan(2);
      expect(Math.max(...depths)).toBeLessThanOrEqual(MOST_RANKED);
    }
  } finally {
    asked.mockRestore();
    await index.close();
  }

  async function numbersOf(hits: readonly LexicalHit[]): Promise<number[]> {
    const rows = await dataSource.query<{ id: string; n: number }[]>(
      `select id, (metadata->>'n')::int as n from documents where id = any($1::uuid[])`,
      [hits.map((hit) => hit.documentId)],
    );
    const byId = new Map(rows.map(({ id, n }) => [id, n]));
    return hits.map((hit) => byId.get(hit.documentId) ?? 0);
  }
});
