import { jest } from '@jest/globals';
import { ChunkingService } from '../../src/ingestion/chunk/chunking.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { HeldReading } from '../support/held-reading.js';
import { untilQuiet } from '../support/stored-files.js';

describe('changing documents', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MAX_QUEUED_DOCUMENTS: '2' });
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  async function add(doc_id: string, text: string, more: object = {}): Promise<string> {
    const added = await user.post('/rag/add_document', { body: { doc_id, text, wait_ms: 0, ...more } });
    expect(added.status).toBe(200);
    return added.body.document_id;
  }

  async function found(query: string, filter?: object): Promise<string[]> {
    const { body, status } = await user.post('/rag/rag_query', {
      body: { query, n_results: 10, mode: 'lexical', ...(filter && { filter }) },
    });
    expect(status).toBe(200);
    return body.results.map((result: { id: string }) => result.id);
  }

  it('a text is found under its new title, no longer under the old one, and keeps its words', async () => {
    const id = await add('mill', 'Water drives the wheel.', { title: 'Zanzibar' });
    expect(await found('zanzibar')).toEqual(['mill']);
    const changed = await user.patch(`/documents/${id}`, { body: { title: 'Quokka' } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id, doc_id: 'mill', title: 'Quokka', status: 'ready' });
    expect(await found('quokka')).toEqual(['mill']);
    expect(await found('zanzibar')).toEqual([]);
    expect((await user.get(`/documents/${id}/text`)).text).toBe('Water drives the wheel.');
  });

  it('metadata counts at once and takes the place of the old', async () => {
    const id = await add('kiln', 'Clay hardens in the kiln.', { metadata: { kind: 'clay', year: 1999 } });
    const changed = await user.patch(`/documents/${id}`, { body: { metadata: { kind: 'glass' } } });
    expect(changed.body.metadata).toEqual({ kind: 'glass' });
    expect(await found('kiln', { kind: 'clay' })).toEqual([]);
    expect(await found('kiln', { year: 1999 })).toEqual([]);
    expect(await found('kiln', { kind: 'glass' })).toEqual(['kiln']);
  });

  it('metadata that changes while a text is indexed under its new title is kept', async () => {
    const id = await add('forge', 'Iron glows in the forge.', { metadata: { kind: 'iron' } });
    const chunking = app.app.get(ChunkingService, { strict: false });
    const cut = chunking.chunkTexts.bind(chunking);
    let goOn = (): void => undefined;
    const begun = new Promise<void>((begin) => {
      jest.spyOn(chunking, 'chunkTexts').mockImplementationOnce(async (texts) => {
        begin();
        await new Promise<void>((resolve) => (goOn = resolve));
        return cut(texts);
      });
    });
    const retitled = user.patch(`/documents/${id}`, { body: { title: 'Narwhal' } });
    await begun;
    const tagged = await user.patch(`/documents/${id}`, { body: { metadata: { kind: 'steel' } } });
    expect([tagged.status, tagged.body.metadata]).toEqual([200, { kind: 'steel' }]);
    goOn();
    expect((await retitled).status).toBe(200);
    expect((await user.get(`/documents/${id}`)).body).toMatchObject({
      title: 'Narwhal',
      metadata: { kind: 'steel' },
    });
    expect(await found('narwhal', { kind: 'steel' })).toEqual(['forge']);
    expect(await found('narwhal', { kind: 'iron' })).toEqual([]);
  });

  it('a file is read again under its new title and keeps its bytes', async () => {
    const data = Buffer.from('# Notes\n\nThe ferry leaves at seven.\n');
    const accepted = await user.upload([{ name: 'notes.md', data }], { doc_id: 'ferry' });
    const { id } = accepted.body.documents[0];
    await user.settled(id);
    const changed = await user.patch(`/documents/${id}`, { body: { title: 'Timetable Xylophone' } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id, title: 'Timetable Xylophone' });
    // The old version answers until the new one is there.
    expect(await found('ferry seven')).toEqual(['ferry']);
    expect(await user.settled(id)).toMatchObject({ status: 'ready', title: 'Timetable Xylophone' });
    expect(await found('xylophone')).toEqual(['ferry']);
    // A third version, so that the first ones have been taken away.
    await user.patch(`/documents/${id}`, { body: { title: 'Timetable' } });
    await user.settled(id);
    const versions = async (): Promise<number> => {
      const rows = await app.source.query<{ n: number }[]>(
        'select count(*)::int as n from document_versions where document_id = $1',
        [id],
      );
      return rows[0]!.n;
    };
    for (const until = Date.now() + 120_000; (await versions()) > 1;) {
      expect(Date.now()).toBeLessThan(until);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const content = await user.get(`/documents/${id}/content`);
    expect(content.status).toBe(200);
    expect(content.text).toBe(data.toString());
  });

  it.each(['first reading', 'replacement'])(
    'a file that gets its title while it is being read is found under it (%s)',
    async (when) => {
      const name = `chart ${when}.txt`;
      const data = (n: number) => ({ name, data: Buffer.from(`Sounding ${n} of ${when}.`) });
      const doc_id = `chart/${when}`;
      if (when === 'replacement')
        await user.settled((await user.upload([data(1)], { doc_id })).body.documents[0].id);
      const held = new HeldReading(app, /^chart/);
      try {
        const { id } = (await user.upload([data(2)], { doc_id })).body.documents[0];
        await held.untilBegun(name);
        const changed = await user.patch(`/documents/${id}`, { body: { title: 'Bathymetry Okapi' } });
        expect([changed.status, changed.body.title]).toEqual([200, 'Bathymetry Okapi']);
        held.goOn();
        expect(await user.settled(id)).toMatchObject({ status: 'ready', title: 'Bathymetry Okapi' });
        expect(await found('okapi')).toEqual([doc_id]);
        expect((await user.get(`/documents/${id}/text`)).text).toBe(`Sounding 2 of ${when}.`);
        const [version] = await app.source.query<{ read_failures: number; read_unfinished: number }[]>(
          `select v.read_failures, v.read_unfinished from document_versions v
           join documents d on d.latest_version_id = v.id where d.id = $1`,
          [id],
        );
        expect(version).toEqual({ read_failures: 0, read_unfinished: 0 });
        await user.delete(`/documents/${id}`);
      } finally {
        held.goOn();
      }
    },
  );

  it('what is downloaded is what answers, while another file is read in its place and when it cannot be', async () => {
    const file = (name: string, text: string) => ({ name, data: Buffer.from(text), type: 'text/plain' });
    const { id } = (await user.upload([file('old.txt', 'The old tide table.')], { doc_id: 'tides' })).body
      .documents[0];
    await user.settled(id);
    const expectOld = async (): Promise<void> => {
      const content = await user.get(`/documents/${id}/content`);
      expect(content.text).toBe('The old tide table.');
      expect(content.headers['content-disposition']).toContain('old.txt');
      expect(content.headers['content-type']).toContain('text/plain');
      expect((await user.get(`/documents/${id}/text`)).text).toBe(content.text);
    };
    const held = new HeldReading(app, /^new/);
    try {
      await user.upload([file('new.md', '# The new tide table')], { doc_id: 'tides' });
      await held.untilBegun('new.md');
      await expectOld();
      expect((await user.post(`/documents/${id}/cancel`)).status).toBe(202);
      await expectOld();
    } finally {
      held.goOn();
    }
    await user.upload([file('new.pdf', '%PDF-1.7 that is none')], { doc_id: 'tides' });
    expect(await user.settled(id)).toMatchObject({ status: 'failed', file_name: 'new.pdf' });
    await expectOld();

    const first = (await user.upload([file('broken.pdf', '%PDF-1.7 broken')])).body.documents[0].id;
    expect((await user.settled(first)).status).toBe('failed');
    const content = await user.get(`/documents/${first}/content`);
    expect([content.status, content.headers['content-disposition']]).toEqual([
      200,
      expect.stringContaining('broken.pdf'),
    ]);
  });

  it('a title goes to what answers where another file could not take its place', async () => {
    const file = (name: string, text: string) => ({ name, data: Buffer.from(text), type: 'text/plain' });
    for (const [doc_id, word] of [
      ['shoal', 'Aardwolf'],
      ['reef', 'Bandicoot'],
    ] as const) {
      // One is a file, the other a text.
      const id =
        doc_id === 'reef'
          ? await add(doc_id, `Depths of the ${doc_id}.`)
          : (await user.upload([file('depths.txt', `Depths of the ${doc_id}.`)], { doc_id })).body
              .documents[0].id;
      await user.settled(id);
      await user.upload([file('depths.pdf', `%PDF-1.7 no ${doc_id}`)], { doc_id });
      expect((await user.settled(id)).status).toBe('failed');
      const changed = await user.patch(`/documents/${id}`, { body: { title: word } });
      expect([changed.status, changed.body.title]).toEqual([200, word]);
      expect(await user.settled(id)).toMatchObject({ status: 'ready', title: word, error: null });
      expect(await found(word)).toEqual([doc_id]);
      expect((await user.get(`/documents/${id}/content`)).text).toBe(`Depths of the ${doc_id}.`);
      await untilQuiet(app);
      const [left] = await app.source.query<{ n: number }[]>(
        'select count(*)::int as n from document_versions where document_id = $1',
        [id],
      );
      expect(left).toEqual({ n: 1 });
    }
  });

  it('needs the right to write, and says what is wrong', async () => {
    const id = await add('private', 'Mine alone.');
    const stranger = await Browser.signedUp(app);
    expect((await stranger.patch(`/documents/${id}`, { body: { title: 'x' } })).status).toBe(404);
    const { body: shared } = await user.post('/collections', { body: { name: 'Shared' } });
    await user.put(`/collections/${shared.id}/grants`, {
      body: { subject: `email:${stranger.account.email}`, access: 'read' },
    });
    const inShared = await add('shared', 'For readers.', { collection_id: shared.id });
    const refused = await stranger.patch(`/documents/${inShared}`, { body: { title: 'x' } });
    expect(refused.status).toBe(403);
    for (const body of [
      { title: ' ' },
      { title: 7 },
      { metadata: [] },
      { text: 'x' },
      { title: 'a'.repeat(1001) },
    ])
      expect((await user.patch(`/documents/${id}`, { body })).status).toBe(400);
    expect((await user.patch(`/documents/${id}`, { body: {} })).status).toBe(200);
  });

  it('counts a file that is read again for whoever asked for it under another title', async () => {
    const editor = await Browser.signedUp(app);
    const { body: shared } = await user.post('/collections', { body: { name: 'Together' } });
    await user.put(`/collections/${shared.id}/grants`, {
      body: { subject: `user:${(await editor.me()).body.id}`, access: 'write' },
    });
    const file = (name: string) => ({ name, data: Buffer.from(`content of ${name}`) });
    const ids: string[] = [];
    for (const name of ['first.txt', 'second.txt', 'third.txt']) {
      const sent = await user.upload([file(name)], { collection_id: shared.id });
      ids.push(sent.body.documents[0].id);
      // One after the other: the line takes two, however fast they are read.
      await user.settled(ids.at(-1)!);
    }
    const held = new HeldReading(app, /first|second|third/);
    try {
      const rename = async (id: string): Promise<number> =>
        (await editor.patch(`/documents/${id}`, { body: { title: 'By the editor' } })).status;
      expect([await rename(ids[0]!), await rename(ids[1]!)]).toEqual([200, 200]);
      // The editor's line is full, and the owner's is not.
      const refused = await editor.patch(`/documents/${ids[2]!}`, { body: { title: 'One more' } });
      expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
      expect((await user.upload([file('new.txt')], { collection_id: shared.id })).status).toBe(202);
      expect((await editor.upload([file('own.txt')])).status).toBe(429);
      expect((await user.get(`/documents/${ids[2]!}`)).body).toMatchObject({ title: 'third.txt' });
    } finally {
      held.goOn();
    }
    for (const id of ids) expect((await user.settled(id)).status).toBe('ready');
  });

  it('keeps what failed in the line of whom it counts for, whoever wants it read again', async () => {
    const owner = await Browser.signedUp(app);
    const editor = await Browser.signedUp(app);
    const { body: shared } = await owner.post('/collections', { body: { name: 'Broken' } });
    await owner.put(`/collections/${shared.id}/grants`, {
      body: { subject: `user:${(await editor.me()).body.id}`, access: 'write' },
    });
    const ids: string[] = [];
    for (const name of ['broken-1.pdf', 'broken-2.pdf', 'broken-3.pdf']) {
      const data = Buffer.from(`%PDF-1.7\n${name}`);
      const sent = await owner.upload([{ name, data }], { collection_id: shared.id });
      ids.push(sent.body.documents[0].id);
      await owner.settled(ids.at(-1)!);
    }
    const held = new HeldReading(app, /broken/);
    try {
      const retry = async (id: string): Promise<number> =>
        (await editor.post(`/documents/${id}/retry`)).status;
      expect([await retry(ids[0]!), await retry(ids[1]!), await retry(ids[2]!)]).toEqual([202, 202, 429]);
      expect((await owner.get(`/documents/${ids[2]!}`)).body.status).toBe('failed');
      const mine = { name: 'own.txt', data: Buffer.from('of the editor') };
      expect((await editor.upload([mine])).status).toBe(202);
      const lines = await app.source.query<{ group_id: string }[]>(
        `select distinct j.group_id::text from pgboss.job j join documents d on d.latest_version_id = j.id
         where d.id = any($1::uuid[]) and j.state in ('created', 'active', 'retry')`,
        [ids],
      );
      expect(lines).toEqual([{ group_id: (await owner.me()).body.id }]);
    } finally {
      held.goOn();
    }
    for (const id of ids) expect((await owner.settled(id)).status).toBe('failed');
  });

  it('changes and replacements at the same time lose no text', async () => {
    const id = await add('busy', 'Version 0 of the text.');
    const rounds = Array.from({ length: 12 }, (_, i) => i + 1);
    const answers = await Promise.all(
      rounds.flatMap((i) => [
        user.patch(`/documents/${id}`, { body: { title: `Title ${i}` } }),
        user.post('/rag/add_document', {
          body: { doc_id: 'busy', text: `Version ${i} of the text.`, wait_ms: 0 },
        }),
      ]),
    );
    for (const { status } of answers) expect([200, 409]).toContain(status);
    await add('busy', 'The last version of the text.');
    expect((await user.get(`/documents/${id}/text`)).text).toBe('The last version of the text.');
    expect(await found('version text')).toEqual(['busy']);
  });
});
