import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import { describeLexicalComparison } from './lexical-comparison.contract.js';
import { describeLexicalIndex } from './lexical-index.contract.js';
import { describeLexicalPhrases } from './lexical-phrases.contract.js';
import { startLexicalDatabase } from './lexical.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await startLexicalDatabase();
});
afterAll(() => database.stop());

describe('segments', () => {
  describeLexicalIndex(() => ({
    dataSource: database.dataSource,
    create: () => new SegmentsLexicalIndex(database.dataSource),
  }));
});

describe('segments, word for word', () => {
  describeLexicalPhrases(() => ({
    dataSource: database.dataSource,
    create: () => new SegmentsLexicalIndex(database.dataSource),
  }));
});

describe('segments, compared with the documents', () => {
  describeLexicalComparison(() => ({
    dataSource: database.dataSource,
    create: () => new SegmentsLexicalIndex(database.dataSource),
    lose: () => database.dataSource.query('delete from lexical_segments'),
  }));
});
