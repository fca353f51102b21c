import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { EventReader } from '../support/event-reader.js';
import { scannedPdf, scanOf } from '../support/scans.js';

describe('events about documents', () => {
  let app: TestApp;
  let user: Browser;
  let other: Browser;
  const open: EventReader[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    other = await Browser.signedUp(app);
  });
  afterEach(async () => {
    for (const reader of open.splice(0)) await reader.close();
  });
  afterAll(() => app?.close());

  async function follow(path: string, browser: Browser = user, lastEventId?: string): Promise<EventReader> {
    const reader = await EventReader.open(app, path, browser.token, lastEventId);
    open.push(reader);
    return reader;
  }

  async function upload(
    browser: Browser,
    text: string,
    fields: Record<string, string> = {},
  ): Promise<string> {
    const accepted = await browser.upload(
      [{ name: 'note.txt', data: Buffer.from(text), type: 'text/plain' }],
      fields,
    );
    if (accepted.status !== 202) throw new Error(accepted.text);
    return accepted.body.documents[0].id;
  }

  async function shared(): Promise<{ collection: string; grant: string; document: string }> {
    const collection = (await user.post('/collections', { body: { name: 'shared' } })).body.id;
    const me = await other.me();
    const granted = await user.put(`/collections/${collection}/grants`, {
      body: { subject: `user:${me.body.id}`, access: 'read' },
    });
    const document = await upload(user, `shared ${collection}`, { collection_id: collection });
    await user.settled(document);
    return { collection, grant: granted.body.id, document };
  }

  it('tell how far a file is until it is ready, the same as asking does', async () => {
    const all = await follow('/documents/events');
    const id = await upload(user, 'The lighthouse of Lindholm was built in 1887.');
    const one = await follow(`/documents/${id}/events`);
    const about = (status: string) => (event: { event: string; data: { id?: string; status?: string } }) =>
      event.event === 'document' && event.data.id === id && event.data.status === status;
    const [first, second] = await Promise.all([all.first(about('ready')), one.first(about('ready'))]);
    const asked = (await user.get(`/documents/${id}`)).body;
    expect(first.data).toEqual(asked);
    expect(second.data).toEqual(asked);
    expect(one.events[0]?.event).toBe('document');
    expect(all.events.every((event) => event.data.id === id)).toBe(true);
  });

  it('count the pages that were read, while they are read', async () => {
    const pages = await Promise.all(
      ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'].map((which) =>
        scanOf([`This is the ${which} page of`, 'the log of the lighthouse']),
      ),
    );
    const all = await follow('/documents/events');
    const accepted = await user.upload([{ name: 'log.pdf', data: scannedPdf(pages) }]);
    const { id } = accepted.body.documents[0];
    const ready = await all.first((event) => event.data.id === id && event.data.status === 'ready');
    expect(ready.data).toMatchObject({ pages: 8, progress: { unit: 'passages' } });
    type Progress = { done: number; total: number; unit: string };
    const counts = all.events
      .filter((event) => event.data.id === id && event.data.status === 'extracting')
      .map((event) => event.data['progress'] as Progress)
      .filter(({ unit }) => unit === 'pages');
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.every(({ done, total }) => total === 8 && done >= 1 && done <= 8)).toBe(true);
    const done = counts.map((count) => count.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
  });

  it('go on after a lost connection where they were, and say so when they cannot', async () => {
    const before = await follow('/documents/events');
    const first = await upload(user, 'resume one');
    await before.first((event) => event.data.id === first && event.data.status === 'ready');
    await before.first((event) => event.id !== undefined);
    const lastId = before.lastId;
    await before.close();
    const second = await upload(user, 'resume two');
    await user.settled(second);
    const after = await follow('/documents/events', user, lastId);
    await after.first((event) => event.data.id === second && event.data.status === 'ready');
    expect(after.events.some((event) => event.event === 'reset')).toBe(false);

    for (const unknown of ['1-1', 'garbage', '999999999999999999-1']) {
      const lost = await follow('/documents/events', user, unknown);
      await lost.first((event) => event.event === 'reset');
    }
  });

  it('go on from the beginning of a stream on which nothing had come yet', async () => {
    const [gone, changed] = [await upload(user, 'will be gone'), await upload(user, 'will change')];
    await user.settled(gone);
    await user.settled(changed);
    for (const unknown of [undefined, '1-1']) {
      // The second one begins with a reset.
      const before = await follow('/documents/events', user, unknown);
      const place = await before.place();
      await before.close();
      expect(before.events.some(({ event }) => event === 'reset')).toBe(unknown !== undefined);
      const made = await upload(user, `came meanwhile ${unknown ?? ''}`);
      await user.settled(made);
      await user.patch(`/documents/${changed}`, { body: { metadata: { seen: String(unknown) } } });
      if (unknown) expect((await user.delete(`/documents/${gone}`)).status).toBe(202);
      const after = await follow('/documents/events', user, place);
      await after.first(({ data }) => data.id === made && data.status === 'ready');
      await after.first(({ data }) => data.id === changed);
      if (unknown) await after.first(({ event, data }) => event === 'deleted' && data.id === gone);
      expect(after.events.some(({ event }) => event === 'reset')).toBe(false);
      await after.close();
    }
  });

  it('come from whoever changed the document, in another process too', async () => {
    const id = await upload(user, 'elsewhere');
    await user.settled(id);
    const reader = await follow(`/documents/${id}/events`);
    await reader.first((event) => event.data.status === 'ready');
    // What another process does reaches this one only through the database.
    await app.source.query(
      `update document_versions v set embedded_count = 1 from documents d where d.id = $1 and v.id = d.latest_version_id`,
      [id],
    );
    const event = await reader.first(
      ({ data }) => (data['progress'] as { done?: number } | undefined)?.done === 1,
    );
    expect(event.data['progress']).toMatchObject({ done: 1, total: 1 });
  });

  it('are only for those who may read, and end with the right to', async () => {
    const { collection, grant, document } = await shared();
    const secret = await upload(user, 'not shared at all');
    expect((await follow(`/documents/${secret}/events`, other)).status).toBe(404);
    expect((await follow(`/documents/events?collection_id=${crypto.randomUUID()}`, other)).status).toBe(404);
    expect((await EventReader.open(app, '/documents/events', 'nonsense')).status).toBe(401);

    const readers = [
      await follow(`/documents/${document}/events`, other),
      await follow(`/documents/events?collection_id=${collection}`, other),
      await follow('/documents/events', other),
    ];
    expect(readers.map((reader) => reader.status)).toEqual([200, 200, 200]);
    const visible = await upload(user, 'seen by both', { collection_id: collection });
    await readers[1]?.first((event) => event.data.id === visible);
    await readers[2]?.first((event) => event.data.id === visible);

    await user.delete(`/collections/${collection}/grants/${grant}`);
    for (const reader of readers.slice(0, 2)) {
      const end = await reader.first((event) => event.event === 'end');
      expect(end.data.reason).toBe('access_lost');
      await reader.finished();
    }
    const hidden = await upload(user, 'not seen any more', { collection_id: collection });
    await user.settled(hidden);
    const own = await upload(other, 'my own');
    await readers[2]?.first((event) => event.data.id === own && event.data.status === 'ready');
    const told = readers.flatMap((reader) => reader.events.map((event) => event.data.id));
    expect(told).not.toContain(hidden);
    expect(told).not.toContain(secret);
  });

  it('tell to list again when other collections can be read, also who was away', async () => {
    const isReset = ({ event }: { event: string }): boolean => event === 'reset';
    /** Events up to the reset that is to come. */
    const reset = async (reader: EventReader): Promise<void> => {
      await reader.first(isReset);
      reader.events.splice(0, reader.events.findIndex(isReset) + 1);
    };
    const { collection, grant } = await shared();
    const all = await follow('/documents/events', other);
    const place = await all.place();
    await user.delete(`/collections/${collection}/grants/${grant}`);
    await reset(all);
    const [taken, given] = [await follow('/documents/events', other, place), all.lastId];
    await reset(taken);
    await taken.close();

    const again = await shared();
    await reset(all);
    const late = await follow('/documents/events', other, given);
    await reset(late);
    const known = late.lastId;
    await late.close();
    // Now nothing changed: whoever comes back goes on.
    const same = await follow('/documents/events', other, known);
    const own = await upload(other, 'after all that');
    await same.first(({ data }) => data.id === own && data.status === 'ready');
    expect(same.events.some(isReset)).toBe(false);

    const mine = await follow('/documents/events', user);
    await mine.place();
    expect((await user.delete(`/collections/${again.collection}`)).status).toBe(202);
    for (const reader of [all, same, mine]) await reset(reader);
  });

  it('are announced to HEAD, which leaves the connection free and takes no place', async () => {
    const guest = await Browser.signedUp(app);
    const document = await upload(guest, 'asked for by HEAD');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = app.app.getHttpServer().address() as AddressInfo;
    const ask = async (method: string, path: string): Promise<http.IncomingMessage> => {
      const headers = { authorization: `Bearer ${guest.token}` };
      const request = http.request({ port, host: '127.0.0.1', method, path, headers, agent }).end();
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response;
    };
    for (let i = 0; i < 11; i++)
      for (const path of ['/documents/events', `/documents/${document}/events`]) {
        const { statusCode, headers } = await ask('HEAD', path);
        expect([statusCode, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
      }
    const secret = await upload(user, 'not for the guest');
    for (const path of [`/documents/${secret}/events`, `/documents/events?collection_id=${secret}`])
      expect((await ask('HEAD', path)).statusCode).toBe(404);
    expect((await ask('GET', `/documents/${document}`)).statusCode).toBe(200);
    agent.destroy();
    expect((await follow('/documents/events', guest)).status).toBe(200);
  });

  it('end within a moment of signing out', async () => {
    const guest = await Browser.signedUp(app);
    const reader = await follow('/documents/events', guest);
    await guest.post('/auth/logout', {});
    // Long before the access token ends by itself.
    const end = await reader.first((event) => event.event === 'end', 60_000);
    expect(end.data.reason).toBe('signed_out');
    await reader.finished();
  });

  it('tell of a deletion, and end where nothing else can come', async () => {
    const { collection, document } = await shared();
    const one = await follow(`/documents/${document}/events`, other);
    const shelf = await follow(`/documents/events?collection_id=${collection}`, other);
    await one.first((event) => event.event === 'document');
    await user.delete(`/documents/${document}`);
    for (const reader of [one, shelf]) {
      const gone = await reader.first((event) => event.event === 'deleted');
      expect(gone.data).toEqual({ id: document, collection_id: collection });
    }
    await one.finished();
    expect(one.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'deleted' } });
    expect(shelf.ended).toBe(false);
  });

  it('are limited in number for each user', async () => {
    const guest = await Browser.signedUp(app);
    for (let i = 0; i < 20; i++) expect((await follow('/documents/events', guest)).status).toBe(200);
    expect((await follow('/documents/events', guest)).status).toBe(429);
    await open.at(-2)?.close();
    for (const until = Date.now() + 120_000; Date.now() < until;) {
      const again = await follow('/documents/events', guest);
      if (again.status === 200) return;
    }
    throw new Error('a closed stream still counts');
  });

  it('do not hold up the end of the server', async () => {
    const second = await startTestApp();
    const guest = await Browser.signedUp(second);
    const reader = await EventReader.open(second, '/documents/events', guest.token);
    await second.close();
    await reader.finished();
    expect(reader.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'shutdown' } });
  });
});
