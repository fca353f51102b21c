import { jest } from '@jest/globals';
import { AcceptedFilesRepository } from '../../src/documents/intake/accepted-files.repository.js';
import { DocumentPublishingService } from '../../src/documents/publishing/document-publishing.service.js';
import { DocumentVersionsRepository } from '../../src/documents/versions/document-versions.repository.js';
import { zipOf } from '../support/archives.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { eventually, migrate, newDatabase, type ServerDatabase } from './support.js';

/** What is called once by the test's own request, and waits there. */
interface Held {
  /** Resolves when it was called. */
  called: Promise<void>;
  goOn(): void;
}

describe('a file in an archive that is written as a document of its own', () => {
  let database: ServerDatabase;
  let app: TestApp;
  let user: Browser;
  let other: Browser;
  let collection: string;
  const held: Held[] = [];

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    app = await startTestApp(database.env);
    [user, other] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    collection = (await user.post('/collections', { body: { name: 'Shared' } })).body.id;
    const grant = { subject: `email:${other.account.email}`, access: 'write' };
    expect((await user.put(`/collections/${collection}/grants`, { body: grant })).status).toBeLessThan(300);
  });
  afterEach(() => {
    for (const each of held.splice(0)) each.goOn();
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  /** Holds the next call of a method, before or behind what it does. */
  const hold = (type: object, method: string, when: 'before' | 'behind'): Held => {
    const service = app.app.get<Record<string, (...args: unknown[]) => Promise<unknown>>>(
      type as unknown as string,
      { strict: false },
    );
    const work = service[method]!.bind(service);
    const released = Promise.withResolvers<void>();
    const called = Promise.withResolvers<void>();
    const wait = (): Promise<void> => {
      called.resolve();
      return released.promise;
    };
    jest.spyOn(service, method).mockImplementationOnce(async (...args) => {
      if (when === 'before') await wait();
      const result = await work(...args);
      if (when === 'behind') await wait();
      return result;
    });
    const each = { called: called.promise, goOn: () => released.resolve() };
    held.push(each);
    return each;
  };
  const somebodyWaits = (): Promise<true> =>
    eventually('a transaction waits for the document', 60, async () => {
      const [row] = await database.source.query<{ n: number }[]>(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return row!.n > 0 || undefined;
    });
  const uploadArchive = async (by: Browser, name: string, text: string): Promise<string> => {
    const fields = { collection_id: collection, doc_id: name, metadata: `{"archive":"${text}"}` };
    const sent = await by.upload([{ name, data: zipOf({ 'part.txt': text }) }], fields);
    expect(sent.status).toBe(202);
    return sent.body.documents[0].id;
  };
  /** Its one file, once nobody has anything to do with either. */
  const partOf = async (archive: string): Promise<{ id: string; doc_id: string }> => {
    await user.settled(archive);
    const { items } = (await user.get(`/documents?parent_id=${archive}`)).body;
    expect(items).toHaveLength(1);
    return user.settled(items[0].id);
  };
  const writeText = (doc_id: string) =>
    user.post('/rag/add_document', {
      body: { collection_id: collection, doc_id, text: 'A walrophant of its own.', wait_ms: 0 },
    });
  const writeFile = (doc_id: string) =>
    user.upload([{ name: 'own.txt', data: Buffer.from('A zebrique of its own.') }], {
      collection_id: collection,
      doc_id,
    });
  const expectOwn = async (id: string, text: string): Promise<void> => {
    // A document that is gone would never be settled.
    expect((await user.get(`/documents/${id}`)).status).toBe(200);
    const { parent_id, status, metadata } = await user.settled(id);
    expect({ parent_id, status, metadata }).toEqual({ parent_id: null, status: 'ready', metadata: {} });
    expect((await user.get(`/documents/${id}/text`)).text).toBe(text);
  };

  test('is not deleted with the archive', async () => {
    const archive = await uploadArchive(user, 'deleted.zip', 'The first edition.');
    const part = await partOf(archive);
    const taking = hold(DocumentVersionsRepository, 'publishTexts', 'behind');
    const writing = writeText(part.doc_id);
    await taking.called;
    const deleting = user.delete(`/documents/${archive}`);
    await somebodyWaits();
    taking.goOn();
    expect((await writing).status).toBe(200);
    expect((await deleting).status).toBe(202);
    await expectOwn(part.id, 'A walrophant of its own.');
    expect((await user.get(`/documents/${archive}`)).status).toBe(404);
  });

  test('does not get the metadata of the archive', async () => {
    const archive = await uploadArchive(user, 'tagged.zip', 'The second edition.');
    const part = await partOf(archive);
    const taking = hold(DocumentVersionsRepository, 'publishTexts', 'behind');
    const writing = writeText(part.doc_id);
    await taking.called;
    const tagging = user.patch(`/documents/${archive}`, { body: { metadata: { archive: 'new' } } });
    await somebodyWaits();
    taking.goOn();
    expect((await writing).status).toBe(200);
    expect((await tagging).status).toBe(200);
    await expectOwn(part.id, 'A walrophant of its own.');
  });

  test('is read, whatever the archive holds that is read anew meanwhile', async () => {
    const archive = await uploadArchive(user, 'again.zip', 'The third edition.');
    const part = await partOf(archive);
    const publishing = hold(DocumentPublishingService, 'publishWithParts', 'before');
    // Somebody else: what one user has is counted in one row, behind which these two would wait for each other.
    expect(await uploadArchive(other, 'again.zip', 'The fourth edition.')).toBe(archive);
    await publishing.called;
    const taking = hold(AcceptedFilesRepository, 'add', 'behind');
    const writing = writeFile(part.doc_id);
    await taking.called;
    publishing.goOn();
    await somebodyWaits();
    taking.goOn();
    const written = await writing;
    expect([written.status, written.body.documents[0].id]).toEqual([202, part.id]);
    const next = await partOf(archive);
    await expectOwn(part.id, 'A zebrique of its own.');
    expect(next.id).not.toBe(part.id);
    expect((await user.get(`/documents/${next.id}/text`)).text).toBe('The fourth edition.');
  });
});
