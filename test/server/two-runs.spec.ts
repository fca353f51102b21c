import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { FileToPublish } from '../../src/documents/documents.types.js';
import { writeRead } from '../../src/documents/versions/read-files.js';
import { StagedVersionsRepository } from '../../src/documents/versions/staged-versions.repository.js';
import { migrate, newDatabase, type ServerDatabase } from './support.js';

/** The run of a worker that was taken for lost, and the one that took its file over. */
describe('two runs that read one file', () => {
  let database: ServerDatabase;
  let watching: DataSource;
  let staged: StagedVersionsRepository;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    watching = await new DataSource({
      type: 'postgres',
      url: database.env['DATABASE_URL']!,
      installExtensions: false,
    }).initialize();
    staged = new StagedVersionsRepository(database.source);
  });
  afterAll(async () => {
    await watching?.destroy();
    await database?.drop();
  });

  /** What each of two runs read of a file; the second one is the latest. */
  const twoRuns = async (): Promise<[lost: FileToPublish, latest: FileToPublish]> => {
    const [user, collection, document, version] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const { source } = database;
    await source.query(`insert into users (id, email, password_hash) values ($1, $2, '')`, [
      user,
      `${user}@example.com`,
    ]);
    await source.query(`insert into collections (id, owner_id, name) values ($1, $2, 'c')`, [
      collection,
      user,
    ]);
    await source.query(
      `insert into documents (id, collection_id, external_id, status) values ($1, $2, 'd', 'extracting')`,
      [document, collection],
    );
    await source.query(
      `insert into document_versions (id, document_id, mime, byte_size, sha256, read_attempt)
       values ($1, $2, 'text/plain', 1, '\\x00', 2)`,
      [version, document],
    );
    await source.query('update documents set latest_version_id = $2 where id = $1', [document, version]);
    const run = (attempt: number): FileToPublish => {
      const text = `What run ${attempt} read.`;
      const pending = {
        version_id: version,
        document_id: document,
        collection_id: collection,
        file_key: 'k',
      };
      const passages = Array.from({ length: 40 }, (_, ordinal) => ({
        id: randomUUID(),
        ordinal,
        text,
        searchText: text,
        charStart: 0,
        charEnd: text.length,
        page: null,
        headingPath: [],
        tokenCount: 5,
      }));
      const draft = {
        versionId: version,
        text,
        title: null,
        language: null,
        pages: null,
        pageStarts: null,
        passages,
      };
      return {
        pending: {
          ...pending,
          file_name: null,
          mime: 'text/plain',
          title: null,
          attempt,
          unfinished: 0,
          replaces: false,
        },
        draft: { ...draft, mime: 'text/plain' },
      };
    };
    return [run(1), run(2)];
  };
  const storedIds = async ({ draft }: FileToPublish): Promise<string[]> => {
    const rows = await watching.query<{ id: string }[]>(
      'select id from chunks where version_id = $1 order by ordinal',
      [draft.versionId],
    );
    return rows.map(({ id }) => id);
  };
  const idsOf = ({ draft }: FileToPublish): string[] => draft.passages.map(({ id }) => id);
  const waits = async (): Promise<boolean> => {
    const rows = await watching.query<unknown[]>(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  };

  test('keep the passages of the latest where the other one comes before it publishes', async () => {
    const [lost, latest] = await twoRuns();
    await staged.stageFiles([latest]);
    await staged.stageFiles([lost]);
    expect(await storedIds(latest)).toEqual(idsOf(latest));
    expect(await database.source.transaction((tx) => writeRead(tx, [latest]))).toHaveLength(1);
    expect(await database.source.transaction((tx) => writeRead(tx, [lost]))).toBeUndefined();
  });

  test('keep them where the other one comes while it publishes', async () => {
    const [lost, latest] = await twoRuns();
    await staged.stageFiles([latest]);
    let isStaged = false;
    let late: Promise<void> | undefined;
    await database.source.transaction(async (tx) => {
      expect(await writeRead(tx, [latest])).toHaveLength(1);
      late = staged.stageFiles([lost]).finally(() => (isStaged = true));
      while (!isStaged && !(await waits())) await sleep(10);
    });
    await late;
    expect(await storedIds(latest)).toEqual(idsOf(latest));
  });
});
