import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { StagedVersionsRepository } from '../../src/documents/versions/staged-versions.repository.js';
import type { FileToPublish } from '../../src/documents/documents.types.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** Some 400,000 characters, of one to four bytes each. */
const long = (word: string): string =>
  Array.from(
    { length: 4000 },
    (_, i) => `Line ${i} of the ${word} log: tide 🌊 高潮 ÄÖ, ${'wind, '.repeat(10)}.`,
  ).join('\n\n');
const short = 'A short text of the newest log.';

describe('a file with a long text', () => {
  let app: TestApp;
  let user: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const upload = async (text: string, doc_id: string): Promise<string> => {
    const sent = { name: 'log.txt', data: Buffer.from(text), type: 'text/plain' };
    const answer = await user.upload([sent], { doc_id });
    expect(answer.status).toBe(202);
    const { id } = answer.body.documents[0];
    expect(await user.settled(id)).toMatchObject({ status: 'ready' });
    return id;
  };
  const textOf = async (id: string): Promise<string> => (await user.get(`/documents/${id}/text`)).text;

  it('is stored whole, and found by its last words', async () => {
    const text = `${long('first')}\n\nIt ends with a nightjar.`;
    const id = await upload(text, 'whole');
    expect((await textOf(id)) === text).toBe(true);
    const { body } = await user.post('/rag/rag_query', { body: { query: 'nightjar', n_results: 1 } });
    const [hit] = body.results;
    expect(hit.document_id).toBe(id);
    expect(text.slice(hit.char_start, hit.char_end)).toBe(hit.text);
    expect(hit.text).toContain('nightjar');
  });

  it('is replaced by another, by a short one, and replaces one', async () => {
    const id = await upload(long('first'), 'replaced');
    for (const text of [long('second'), short, long('third')]) {
      expect(await upload(text, 'replaced')).toBe(id);
      expect((await textOf(id)) === text).toBe(true);
    }
  });

  it('is not written over by a run that was given up, nor once it is published', async () => {
    const source = app.app.get(DataSource);
    const staged = app.app.get(StagedVersionsRepository);
    const id = await upload(long('first'), 'given up');
    const [{ version_id, attempt }] = await source.query(
      `select v.id as version_id, v.read_attempt as attempt from document_versions v
       join documents d on d.active_version_id = v.id where d.id = $1`,
      [id],
    );
    const stage = (versionId: string, run: number, word: string): Promise<void> => {
      const file = { pending: { attempt: run }, draft: { versionId, text: long(word), passages: [] } };
      return staged.stageFiles([file as unknown as FileToPublish]);
    };
    await stage(version_id, attempt, 'late');
    expect((await textOf(id)) === long('first')).toBe(true);

    const unpublished = randomUUID();
    await source.query(
      `insert into document_versions (id, mime, byte_size, sha256, metadata, read_attempt)
       values ($1, 'text/plain', 1, '\\x00', '{}', 2)`,
      [unpublished],
    );
    await stage(unpublished, 2, 'current');
    await stage(unpublished, 1, 'stale');
    const [row] = await source.query('select text from document_versions where id = $1', [unpublished]);
    expect(row.text === long('current')).toBe(true);
    await staged.unstage([unpublished]);
  });
});
