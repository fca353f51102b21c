import { CommitWatch } from '../../src/database/commit-watch.js';
import { IndexHead } from '../../src/database/index-head.js';
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
