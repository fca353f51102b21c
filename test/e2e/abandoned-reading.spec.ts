import { mailOf, zipOf } from '../support/archives.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { HeldReading } from '../support/held-reading.js';

const file = (name: string, content: string | Buffer = `content of ${name}`) => ({
  name,
  data: Buffer.from(content),
  type: 'application/octet-stream',
});

describe('the reading of a file that nobody will see', () => {
  let app: TestApp;
  let user: Browser;
  let held: HeldReading;
  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    held = new HeldReading(app, /slow/);
  });
  afterAll(async () => {
    held?.goOn();
    await app?.close();
  });

  const upload = async (
    what: ReturnType<typeof file>,
    fields: Record<string, string> = {},
    browser = user,
  ): Promise<string> => {
    const answer = await browser.upload([what], fields);
    expect(answer.status).toBe(202);
    return answer.body.documents[0].id;
  };
  it('ends when its document is deleted, also where it still waits', async () => {
    const id = await upload(file('slow-1.txt'));
    await held.untilBegun('slow-1.txt');
    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    await held.untilEnded('slow-1.txt');
    // Nobody is held up by them: there are fewer places to read than these.
    for (let i = 0; i < 12; i++) {
      const next = await upload(file(`slow-many-${i}.txt`));
      expect((await user.delete(`/documents/${next}`)).status).toBe(202);
    }
    expect((await user.settled(await upload(file('quick-1.txt')))).status).toBe('ready');
  });

  it('ends when another file takes its place', async () => {
    const id = await upload(file('slow-2.txt'), { doc_id: 'replaced' });
    await held.untilBegun('slow-2.txt');
    expect(await upload(file('quick-2.txt'), { doc_id: 'replaced' })).toBe(id);
    await held.untilEnded('slow-2.txt');
    expect(await user.settled(id)).toMatchObject({ status: 'ready', file_name: 'quick-2.txt' });
  });

  it('ends when a text takes its place', async () => {
    const id = await upload(file('slow-3.txt'), { doc_id: 'overwritten' });
    await held.untilBegun('slow-3.txt');
    const body = { doc_id: 'overwritten', text: 'A text instead.', wait_ms: 0 };
    expect((await user.post('/rag/add_document', { body })).body.document_id).toBe(id);
    await held.untilEnded('slow-3.txt');
    expect((await user.get(`/documents/${id}/text`)).text).toBe('A text instead.');
  });

  it('ends when what it is in is deleted, replaced by another one, or by a text', async () => {
    const archive = (content: string): Buffer => zipOf({ 'slow-part.txt': content, 'other.txt': content });
    const id = await upload(file('a.zip', archive('one')), { doc_id: 'archive' });
    await held.untilBegun('slow-part.txt');
    await upload(file('a.zip', archive('two')), { doc_id: 'archive' });
    await held.untilEnded('slow-part.txt');
    await held.untilBegun('slow-part.txt', 2);
    await user.post('/rag/add_document', { body: { doc_id: 'archive', text: 'No files.', wait_ms: 0 } });
    await held.untilEnded('slow-part.txt', 2);
    await upload(file('m.eml', mailOf('Files', 'Here.', { 'slow-part.txt': 'three' })), {
      doc_id: 'archive',
    });
    await held.untilBegun('slow-part.txt', 3);
    await user.delete(`/documents/${id}`);
    await held.untilEnded('slow-part.txt', 3);
  });

  it('ends when its collection is deleted', async () => {
    const collection_id = (await user.post('/collections', { body: { name: 'c' } })).body.id;
    await upload(file('slow-5.txt'), { collection_id });
    await held.untilBegun('slow-5.txt');
    expect((await user.delete(`/collections/${collection_id}`)).status).toBe(202);
    await held.untilEnded('slow-5.txt');
  });

  it('ends when its user is gone', async () => {
    const leaving = await Browser.signedUp(app);
    await upload(file('slow-6.txt'), {}, leaving);
    await held.untilBegun('slow-6.txt');
    expect((await leaving.delete('/users/me')).status).toBe(204);
    await held.untilEnded('slow-6.txt');
  });
});
