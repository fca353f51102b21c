import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import { describeLexicalIndex } from './lexical-index.contract.js';
import { startLexicalDatabase, type LexicalDatabase } from './lexical.database.js';

let database: LexicalDatabase;

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
