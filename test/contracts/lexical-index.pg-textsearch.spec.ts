import { decodeTerm, encodeTerm } from '../../src/lexical/adapters/pg-textsearch/term-encoding.js';
import { PgTextsearchLexicalIndex } from '../../src/lexical/adapters/pg-textsearch/pg-textsearch.adapter.js';
import { describeLexicalComparison } from './lexical-comparison.contract.js';
import { describeLexicalIndex } from './lexical-index.contract.js';
import { describeLexicalPhrases } from './lexical-phrases.contract.js';
import { Library, startLexicalDatabase } from './lexical.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await startLexicalDatabase();
});
beforeEach(async () => {
  await database.dataSource.query(
    'drop table if exists lexical_document_words, lexical_chunk_words, lexical_name_words, lexical_word_languages',
  );
});
afterAll(() => database.stop());

describe('pg_textsearch', () => {
  describeLexicalIndex(() => ({
    dataSource: database.dataSource,
    create: () => new PgTextsearchLexicalIndex(database.dataSource),
  }));
  test("every term survives PostgreSQL's parser as one word", async () => {
    const terms = [
      'c++',
      'amd-2022q2',
      '图书馆',
      'पुस्तकालय',
      'zz',
      'zzcd',
      'plain',
      '2022',
      'a.b/c',
      '😀',
      'über',
    ];
    for (const term of terms) {
      const word = encodeTerm(term);
      expect(decodeTerm(word)).toBe(term);
      const [row]: { words: string[] }[] = await database.dataSource.query(
        `select array(select lexeme from unnest(to_tsvector('simple', $1))) as words`,
        [word],
      );
      expect(row!.words).toEqual([word]);
    }
    expect(new Set(terms.map(encodeTerm)).size).toBe(terms.length);
  });
});

describe('pg_textsearch, word for word', () => {
  describeLexicalPhrases(() => ({
    dataSource: database.dataSource,
    create: () => new PgTextsearchLexicalIndex(database.dataSource),
  }));
});

describe('pg_textsearch, compared with the documents', () => {
  describeLexicalComparison(() => ({
    dataSource: database.dataSource,
    create: () => new PgTextsearchLexicalIndex(database.dataSource),
    lose: () => database.dataSource.query('truncate lexical_document_words, lexical_chunk_words'),
  }));

  test('retirements are forgotten after a day, and not before', async () => {
    const { dataSource } = database;
    const library = await Library.open(dataSource);
    const index = new PgTextsearchLexicalIndex(dataSource);
    await index.createIndex();
    try {
      const shelf = await library.addCollection();
      const [early, late] = [library.draft(shelf, null, ['Copper.']), library.draft(shelf, null, ['Tin.'])];
      await library.publish(index, early, late);
      await library.remove(early, late);
      await dataSource.query(
        `update retired_versions set retired_at = now() - interval '25 hours' where version_id = $1`,
        [early.versionId],
      );
      await index.compare(true, AbortSignal.timeout(60_000));
      expect(await dataSource.query('select version_id from retired_versions')).toEqual([
        { version_id: late.versionId },
      ]);
      expect(await index.compare(false, AbortSignal.timeout(60_000))).toEqual({ missing: [], orphans: [] });
    } finally {
      await index.close();
    }
  });

  test('a comparison finds single passages that are lost, and such as their version does not have', async () => {
    const library = await Library.open(database.dataSource);
    const index = new PgTextsearchLexicalIndex(database.dataSource);
    await index.createIndex();
    try {
      const shelf = await library.addCollection();
      const kept = library.draft(shelf, null, ['Copper ore.', 'Tin ore.']);
      const shrunk = library.draft(shelf, null, ['Copper plates.', 'Tin plates.']);
      await library.publish(index, kept, shrunk);
      await database.dataSource.query('delete from lexical_chunk_words where chunk_id = $1', [
        kept.chunks[1]!.chunkId,
      ]);
      await database.dataSource.query('delete from chunks where id = $1', [shrunk.chunks[1]!.chunkId]);
      const difference = { missing: [kept.versionId], orphans: [shrunk.versionId] };
      const compare = (mend: boolean) => index.compare(mend, AbortSignal.timeout(60_000));
      expect(await compare(false)).toEqual(difference);
      expect(await compare(true)).toEqual(difference);
      expect(await compare(false)).toEqual({ missing: [], orphans: [] });
      const hits = await index.query('tin', { topK: 10, level: 'chunk', collectionIds: [shelf] });
      expect(hits.map(({ chunkIds }) => chunkIds)).toEqual([[kept.chunks[1]!.chunkId]]);
    } finally {
      await index.close();
    }
  });
});
