import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { IndexHead } from '../../src/database/index-head.js';
import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import type { AnalysisThread } from '../../src/lexical/analysis/analysis-thread.js';
import { Library } from '../contracts/lexical.database.js';
import { migrate, newDatabase, type ServerDatabase } from './support.js';

describe('a damaged word index that several processes meet', () => {
  let database: ServerDatabase;
  const sources: DataSource[] = [];
  const open: SegmentsLexicalIndex[] = [];

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
  });
  afterAll(async () => {
    await Promise.all(open.map((index) => index.close()));
    await Promise.all(sources.map((source) => source.destroy()));
    await database?.drop();
  });

  /** As in a process of its own. */
  async function create(): Promise<{ index: SegmentsLexicalIndex; source: DataSource }> {
    const source = await new DataSource({
      type: 'postgres',
      url: database.env['DATABASE_URL'] ?? '',
      poolSize: 4,
      installExtensions: false,
    }).initialize();
    sources.push(source);
    const index = new SegmentsLexicalIndex(source, new IndexHead(source, new CommitWatch(false)), true);
    open.push(index);
    return { index, source };
  }

  const analysisOf = (index: SegmentsLexicalIndex): AnalysisThread =>
    (index as unknown as { analysis: AnalysisThread }).analysis;

  test('is repaired by one of them, and the others find what that one stored', async () => {
    const library = await Library.open(database.source);
    const shelf = await library.addCollection();
    const { index: before } = await create();
    const documents = ['lighthouse', 'harbour', 'quay'].map((word) => library.draft(shelf, null, [word]));
    await library.publish(before, ...documents);
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await database.source.query(`update lexical_segments set bytes = 'x'`);

    const first = await create();
    const analysis = analysisOf(first.index);
    const asked = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const segment = analysis.segment.bind(analysis);
    analysis.segment = async (batch) => {
      asked.resolve();
      await held.promise;
      return await segment(batch);
    };
    await first.index.createIndex();
    await asked.promise;

    const second = await create();
    const tried = Promise.withResolvers<void>();
    const transaction = second.source.transaction.bind(second.source) as (work: unknown) => Promise<unknown>;
    jest
      .spyOn(second.source, 'transaction')
      .mockImplementation((work: unknown) => transaction(work).finally(tried.resolve));
    const analysed = jest.spyOn(analysisOf(second.index), 'segment');
    await second.index.createIndex();
    await tried.promise;
    held.resolve();
    await Promise.all([first.index.settled(), second.index.settled()]);

    expect(analysed).not.toHaveBeenCalled();
    for (const { index } of [first, second]) {
      const hits = await index.query('lighthouse harbour quay', {
        topK: 5,
        level: 'document',
        collectionIds: [shelf],
      });
      expect(hits.map(({ versionId }) => versionId).toSorted()).toEqual(
        documents.map(({ versionId }) => versionId).toSorted(),
      );
    }
    expect(await database.source.query('select chunk_count from lexical_segments')).toEqual([
      { chunk_count: 3 },
    ]);
  });
});
