import fs from 'node:fs';
import path from 'node:path';
import { mailOf, zipOf, zipWithLink } from '../support/archives.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { scannedPdf, scanOf } from '../support/scans.js';
import { untilQuiet } from '../support/stored-files.js';

interface Part {
  id: string;
  file_name: string;
  parent_id: string;
  status: string;
  metadata: object;
  error: { code: string; detail: string } | null;
}

/** Names with what became of them. */
const outcomes = (parts: readonly Part[]): string[] =>
  parts.map((part) => `${part.file_name}: ${part.error?.code ?? part.status}`).toSorted();

describe('files in files', () => {
  let app: TestApp;
  let user: Browser;
  let other: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    other = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const upload = async (name: string, data: Buffer, fields: Record<string, string> = {}): Promise<string> => {
    const answer = await user.upload([{ name, data, type: 'application/octet-stream' }], fields);
    expect(answer.status).toBe(202);
    return answer.body.documents[0].id;
  };
  const partsOf = async (id: string, by = user): Promise<Part[]> => {
    const listed = await by.get(`/documents?parent_id=${id}&limit=100`);
    expect(listed.status).toBe(200);
    return Promise.all(listed.body.items.map((item: Part) => by.settled(item.id)));
  };
  const find = async (query: string): Promise<{ document_id: string; text: string }[]> =>
    (await user.post('/rag/rag_query', { body: { query, n_results: 10 } })).body.results;

  it('are all read from an archive that stores a PDF as it is, at its beginning', async () => {
    const page = await scanOf(['The plan of', 'the wompelhouse']);
    const archive = zipOf({ 'plan.pdf': scannedPdf([page]), 'note.txt': 'A wompelgate is beside it.' }, 0);
    expect(archive.indexOf('%PDF-')).toBeLessThan(1024);
    const id = await upload('stored.zip', archive);
    expect(await user.settled(id)).toMatchObject({ status: 'ready', mime: 'application/zip' });
    expect(outcomes(await partsOf(id))).toEqual(['note.txt: ready', 'plan.pdf: ready']);
  });

  it('become documents of their own, found and read like any other', async () => {
    const inner = zipOf({ 'deep/secret-plan.txt': 'The plan is called quibbernaught.' });
    const archive = zipOf({
      'notes/first.txt': 'A walrophant lives in the first file.',
      'notes/second.md': '# Second\n\nA zebrique lives in the second file.',
      'inner.zip': inner,
      'program.exe': Uint8Array.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff, 0, 0]),
      '__MACOSX/notes/._first.txt': 'junk',
      'empty.txt': '',
    });
    const id = await upload('all.zip', archive, { metadata: '{"project":"ark"}' });
    const parent = await user.settled(id);
    expect(parent).toMatchObject({ status: 'ready', mime: 'application/zip', parent_id: null });
    expect((await user.get(`/documents/${id}/text`)).text).toContain('- notes/first.txt');
    const parts = await partsOf(id);
    expect(outcomes(parts)).toEqual([
      'inner.zip: ready',
      'notes/first.txt: ready',
      'notes/second.md: ready',
      'program.exe: document_type_unsupported',
    ]);
    expect(parts[0]).toMatchObject({ parent_id: id, metadata: { project: 'ark' } });
    const [walrophant] = await find('walrophant');
    expect(walrophant!.document_id).toBe(parts.find((part) => part.file_name === 'notes/first.txt')!.id);
    const [deepest] = await partsOf(parts.find((part) => part.file_name === 'inner.zip')!.id);
    expect(deepest).toMatchObject({ file_name: 'deep/secret-plan.txt', status: 'ready' });
    expect((await find('quibbernaught'))[0]!.document_id).toBe(deepest!.id);
    expect((await user.get(`/documents/${deepest!.id}/content`)).text).toBe(
      'The plan is called quibbernaught.',
    );
    // What belongs to somebody else stays so.
    expect((await other.get(`/documents/${deepest!.id}`)).status).toBe(404);
    expect((await other.get(`/documents?parent_id=${id}`)).body.items).toEqual([]);

    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    expect(await find('walrophant')).toEqual([]);
    expect(await find('quibbernaught')).toEqual([]);
    for (const gone of [id, deepest!.id, ...parts.map((part) => part.id)])
      expect((await user.get(`/documents/${gone}`)).status).toBe(404);
  });

  it('follow the file they are in when it is replaced', async () => {
    const first = mailOf('Minutes', 'See the files.', {
      'same.txt': 'Samewort stays.',
      'changed.txt': 'Oldwort is here.',
      'dropped.txt': 'Dropwort is here.',
    });
    const id = await upload('minutes.eml', first, { doc_id: 'minutes' });
    expect(await user.settled(id)).toMatchObject({ status: 'ready', title: 'Minutes' });
    const before = await partsOf(id);
    expect(before.map((part) => part.file_name).toSorted()).toEqual([
      'changed.txt',
      'dropped.txt',
      'same.txt',
    ]);
    const second = mailOf('Minutes', 'See the new files.', {
      'same.txt': 'Samewort stays.',
      'changed.txt': 'Newwort is here.',
      'added.txt': 'Addwort is here.',
    });
    expect(await upload('minutes.eml', second, { doc_id: 'minutes' })).toBe(id);
    await user.settled(id);
    const after = await partsOf(id);
    const idOf = (parts: Part[], name: string): string | undefined =>
      parts.find((part) => part.file_name === name)?.id;
    expect(after.map((part) => part.file_name).toSorted()).toEqual(['added.txt', 'changed.txt', 'same.txt']);
    expect(idOf(after, 'same.txt')).toBe(idOf(before, 'same.txt'));
    expect(idOf(after, 'changed.txt')).toBe(idOf(before, 'changed.txt'));
    expect(await find('oldwort')).toEqual([]);
    expect(await find('dropwort')).toEqual([]);
    for (const word of ['newwort', 'samewort', 'addwort']) expect(await find(word)).toHaveLength(1);
    // A text in its place has no files.
    await user.post('/rag/add_document', { body: { doc_id: 'minutes', text: 'Only words now.' } });
    expect(await find('samewort')).toEqual([]);
    expect((await user.get(`/documents?parent_id=${id}`)).body.items).toEqual([]);
  });

  it('get their bytes back from what they are in, where those are gone', async () => {
    const names = ['read.txt', 'unread.txt'];
    const archive = zipOf({ 'read.txt': 'Readwort is here.', 'unread.txt': 'Unreadwort is here.' });
    const id = await upload('lossy.zip', archive);
    await user.settled(id);
    const parts = await partsOf(id);
    const partOf = (name: string): string => parts.find((part) => part.file_name === name)!.id;
    await untilQuiet(app);
    const keys = await app.source.query<{ file_key: string }[]>(
      'select file_key from document_versions where document_id = any($1::uuid[])',
      [parts.map((part) => part.id)],
    );
    for (const { file_key } of keys) fs.rmSync(path.join(app.settings.dataDir, 'files', file_key));
    await user.patch(`/documents/${partOf('unread.txt')}`, { body: { title: 'Unread' } });
    expect(outcomes(await partsOf(id))).toEqual(['read.txt: ready', 'unread.txt: document_file_missing']);
    // It is read again, with what is in it.
    await user.patch(`/documents/${id}`, { body: { title: 'Lossy' } });
    expect((await user.settled(id)).status).toBe('ready');
    await untilQuiet(app);
    expect(outcomes(await partsOf(id))).toEqual(['read.txt: ready', 'unread.txt: ready']);
    for (const name of names)
      expect((await user.get(`/documents/${partOf(name)}/content`)).text).toMatch(/wort is here/);
  });

  it('have the metadata of what they are in, whenever that changes', async () => {
    const archive = (changing: string): Buffer =>
      zipOf({
        'stays.txt': 'Staywort is here.',
        'changes.txt': changing,
        'inner.zip': zipOf({ 'deep.txt': 'Depthwort is below.' }),
      });
    const fields = { doc_id: 'tagged', metadata: '{"year":1}' };
    const id = await upload('tagged.zip', archive('Changewort one.'), fields);
    await user.settled(id);
    await untilQuiet(app);
    const words = ['staywort', 'changewort', 'depthwort'];
    const expectYear = async (year: number): Promise<void> => {
      for (const query of words)
        for (const asked of [1, 2, 3, 4]) {
          const body = { query, filter: { year: asked } };
          const { results } = (await user.post('/rag/rag_query', { body })).body;
          expect([query, asked, results.map((hit: Part) => hit.metadata)]).toEqual([
            query,
            asked,
            asked === year ? [{ year }] : [],
          ]);
        }
      const { items } = (await user.get('/documents?limit=200')).body;
      const family = new Set([id]);
      for (let level = 1; level <= 3; level++)
        for (const item of items) if (family.has(item.parent_id)) family.add(item.id);
      expect(family.size).toBe(5);
      for (const item of items.filter((each: Part) => family.has(each.id)))
        expect([item.file_name, item.metadata]).toEqual([item.file_name, { year }]);
    };
    await expectYear(1);
    const edited = await user.patch(`/documents/${id}`, { body: { metadata: { year: 2 } } });
    expect(edited.status).toBe(200);
    await expectYear(2);
    await upload('tagged.zip', archive('Changewort two.'), { ...fields, metadata: '{"year":3}' });
    await user.settled(id);
    await untilQuiet(app);
    await expectYear(3);
    // Of a file that is read again it stays what it became meanwhile.
    await user.patch(`/documents/${id}`, { body: { title: 'Tagged again' } });
    await user.patch(`/documents/${id}`, { body: { metadata: { year: 4 } } });
    await user.settled(id);
    await untilQuiet(app);
    await expectYear(4);
  });

  it('are documents of their own once something else was written in their place', async () => {
    const inner = zipOf({ 'bottom.txt': 'Bottomwort is deepest.' });
    const id = await upload('outer.zip', zipOf({ 'inner.zip': inner, 'note.txt': 'Notewort is here.' }));
    await user.settled(id);
    await untilQuiet(app);
    const parts = (await user.get(`/documents?parent_id=${id}`)).body.items;
    const of = (name: string) => parts.find((part: Part) => part.file_name === name);
    const [bottom] = (await user.get(`/documents?parent_id=${of('inner.zip').id}`)).body.items;
    const again = zipOf({ 'bottom.txt': 'Bottomwort is deepest.', 'more.txt': 'Morewort was added.' });
    expect(await upload('inner.zip', again, { doc_id: of('inner.zip').doc_id })).toBe(of('inner.zip').id);
    const body = { doc_id: of('note.txt').doc_id, text: 'Textwort instead.', wait_ms: 0 };
    expect((await user.post('/rag/add_document', { body })).body.document_id).toBe(of('note.txt').id);
    await user.settled(of('inner.zip').id);
    await untilQuiet(app);
    expect((await user.get(`/documents?parent_id=${id}`)).body.items).toEqual([]);
    const inside = (await user.get(`/documents?parent_id=${of('inner.zip').id}`)).body.items;
    expect(inside.map((part: Part) => part.file_name).toSorted()).toEqual(['bottom.txt', 'more.txt']);
    expect(inside.map((part: Part) => part.id)).toContain(bottom.id);
    // How deep they are, and how many there are, counts from the one that they are in now.
    const rows = await app.source.query<object[]>(
      'select distinct root_id, part_depth from documents where id = any($1::uuid[])',
      [inside.map((part: Part) => part.id)],
    );
    expect(rows).toEqual([{ root_id: of('inner.zip').id, part_depth: 1 }]);
    expect((await user.delete(`/documents/${id}`)).status).toBe(202);
    for (const word of ['bottomwort', 'morewort', 'textwort']) expect(await find(word)).toHaveLength(1);
    expect(await find('notewort')).toEqual([]);
  });

  it('are not taken for an upload of the same content, which would go with them', async () => {
    const content = 'Twinwort is in both.';
    const archive = await upload('twins.zip', zipOf({ 'twin.txt': content }));
    await user.settled(archive);
    await partsOf(archive);
    const alone = await user.upload([{ name: 'twin.txt', data: Buffer.from(content), type: 'text/plain' }]);
    expect(alone.body.documents[0]).toMatchObject({ parent_id: null, duplicate_of: null });
    await user.settled(alone.body.documents[0].id);
    await user.delete(`/documents/${archive}`);
    expect(await find('twinwort')).toHaveLength(1);
  });

  it('cannot break out: names are only names, links are not followed', async () => {
    const id = await upload(
      'evil.zip',
      zipWithLink('link.txt', '/etc/passwd', {
        '../../../outside.txt': 'Outwort one.',
        '/absolute.txt': 'Outwort two.',
        'C:\\Windows\\system.txt': 'Outwort three.',
        'report\u202efdp.txt': 'Outwort four.',
      }),
    );
    await user.settled(id);
    const parts = await partsOf(id);
    expect(outcomes(parts)).toEqual([
      'Windows/system.txt: ready',
      'absolute.txt: ready',
      'outside.txt: ready',
      'reportfdp.txt: ready',
    ]);
  });

  it('are read three deep and refused below that', async () => {
    let archive = zipOf({ 'bottom.txt': 'Nobody gets here.' });
    for (let level = 4; level > 0; level--) archive = zipOf({ [`level-${level}.zip`]: archive });
    let [part] = await partsOf((await user.settled(await upload('nested.zip', archive))).id);
    for (let level = 2; level <= 3; level++) {
      expect(part!.status).toBe('ready');
      [part] = await partsOf(part!.id);
    }
    expect(part).toMatchObject({
      file_name: 'level-3.zip',
      status: 'failed',
      error: { code: 'document_too_large', detail: expect.stringContaining('3 deep') },
    });
    const many = zipOf(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}.txt`, 'x'])));
    expect(await user.settled(await upload('many.zip', many))).toMatchObject({
      status: 'failed',
      error: { code: 'document_too_large', detail: expect.stringContaining('1000 files') },
    });
  });
});
