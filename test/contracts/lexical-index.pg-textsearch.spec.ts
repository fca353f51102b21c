import { decodeTerm, encodeTerm } from '../../src/lexical/adapters/pg-textsearch/term-encoding.js';
import { PgTextsearchLexicalIndex } from '../../src/lexical/adapters/pg-textsearch/pg-textsearch.adapter.js';
import { describeLexicalIndex } from './lexical-index.contract.js';
import { startLexicalDatabase } from './lexical.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await startLexicalDatabase();
});
beforeEach(async () => {
  await database.dataSource.query(
    'drop table if exists lexical_document_words, lexical_chunk_words, lexical_word_languages',
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
