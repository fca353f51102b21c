import path from 'node:path';
import { jest } from '@jest/globals';
import { AcceptedFilesRepository } from '../../src/documents/intake/accepted-files.repository.js';
import { DocumentAcceptance } from '../../src/documents/intake/document-acceptance.service.js';
import { DocumentVersionsRepository } from '../../src/documents/versions/document-versions.repository.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { LostCommit } from '../support/lost-commit.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

const file = (content: string) => ({ name: 'note.txt', data: Buffer.from(content), type: 'text/plain' });

describe('a commit whose answer is lost', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const inside = <T>(type: abstract new (...args: never[]) => T): T =>
    app.app.get<T>(type, { strict: false });
  const losing = async <T>(service: object, method: string, work: () => Promise<T>): Promise<T> => {
    const commit = new LostCommit(app, service, method);
    try {
      const result = await work();
      expect(commit.lost).toBe(1);
      return result;
    } finally {
      commit.end();
    }
  };
  /** Every version has its file, and every file its version. */
  const expectWhole = async (): Promise<void> => {
    await untilQuiet(app);
    const rows = await app.source.query<{ file_key: string }[]>(
      'select distinct file_key from document_versions where file_key is not null',
    );
    expect(storedFiles(app)).toEqual(rows.map((row) => path.basename(row.file_key)).sort());
  };

  it('leaves an uploaded file to its document, which the same upload finds', async () => {
    const files = [file('The bell of the lightship rings at dusk.')];
    const failed = await losing(inside(AcceptedFilesRepository), 'add', () => user.upload(files));
    expect([failed.status, failed.body.code]).toEqual([503, 'database_unavailable']);
    await expectWhole();
    const again = await user.upload(files);
    expect(again.status).toBe(202);
    const { id, status } = await user.settled(again.body.documents[0].id);
    expect(status).toBe('ready');
    expect((await user.get(`/documents/${id}/content`)).text).toBe(files[0]!.data.toString());
    await expectWhole();
  });

  it('leaves files to their documents that were accepted together, and says that they are new', async () => {
    const older = await user.upload([file('The second file as it was.')], { doc_id: 'second' });
    await user.settled(older.body.documents[0].id);
    // Both come in the same moment, and share a transaction.
    const acceptance = inside(DocumentAcceptance);
    const accept = acceptance.accept.bind(acceptance);
    const arrived: (() => void)[] = [];
    const gathering = jest.spyOn(acceptance, 'accept').mockImplementation(async (offer) => {
      await new Promise<void>((resolve) => {
        arrived.push(resolve);
        if (arrived.length === 2) for (const go of arrived) go();
      });
      return accept(offer);
    });
    const sent = [
      () => user.upload([file('The first of two files.')]),
      () => user.upload([file('The second of two files.')], { doc_id: 'second' }),
    ];
    const answers = await losing(inside(AcceptedFilesRepository), 'add', () =>
      Promise.all(sent.map((send) => send())),
    ).finally(() => gathering.mockRestore());
    for (const answer of answers) {
      expect([answer.status, answer.body.documents?.[0].duplicate_of]).toEqual([202, null]);
      expect((await user.settled(answer.body.documents[0].id)).status).toBe('ready');
    }
    await expectWhole();
  });

  it('leaves an original to the document that an import brought back', async () => {
    const made = async (name: string): Promise<string> =>
      (await user.post('/collections', { body: { name } })).body.id;
    const [from, into] = [await made('from'), await made('into')];
    const sent = await user.upload([file('The pilot boat is painted red.')], {
      collection_id: from,
      doc_id: 'pilot',
    });
    await user.settled(sent.body.documents[0].id);
    const exported = await app
      .http()
      .get(`/collections/${from}/export`)
      .set('Authorization', `Bearer ${user.token}`)
      .buffer(true)
      .parse((stream, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => done(null, Buffer.concat(parts)));
      });
    const bring = () =>
      app
        .http()
        .post(`/collections/${into}/import`)
        .set('Authorization', `Bearer ${user.token}`)
        .type('application/x-ndjson')
        .send(exported.body as Buffer);
    const failed = await losing(inside(DocumentVersionsRepository), 'publishTexts', async () => bring());
    expect([failed.status, failed.body.code]).toEqual([503, 'database_unavailable']);
    await expectWhole();
    const { items } = (await user.get(`/documents?collection_id=${into}`)).body;
    expect(items).toMatchObject([{ doc_id: 'pilot', status: 'ready' }]);
    expect((await user.get(`/documents/${items[0].id}/content`)).status).toBe(200);
    expect((await bring()).body).toMatchObject({ documents: 1 });
    await expectWhole();
  });
});
