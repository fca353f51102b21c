import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient, ApiError } from '../../src/cli/client.js';
import { canMount, startMountedServer, type MountedServer } from '../support/mounted-server.js';

const MB = 1024 * 1024;
const DEADLINE_MS = 150_000;

const describeWithMounts = canMount() ? describe : describe.skip;

const eventually = async (what: string, probe: () => Promise<boolean>): Promise<void> => {
  for (const until = Date.now() + DEADLINE_MS; !(await probe()); await sleep(250))
    if (Date.now() > until) throw new Error(`${what}: not in ${DEADLINE_MS / 1000} s`);
};

/** A page with few words and many bytes, unlike any other. */
const page = (mark: string, bytes: number): Blob =>
  new Blob([
    `<!doctype html><title>${mark}</title><p>The mark of this page is ${mark}.</p><!--${'x'.repeat(bytes)}-->`,
  ]);

/** `status code` of a request that failed, or `ok`. */
const outcome = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => 'ok',
    (error: unknown) => {
      if (error instanceof ApiError) return `${error.status} ${error.code}`;
      throw error;
    },
  );

const remove = async (server: MountedServer, client: ApiClient, id: string): Promise<number> =>
  (
    await fetch(`${server.url}/documents/${id}`, {
      method: 'DELETE',
      headers: { authorization: client.authorization },
    })
  ).status;

const signIn = async (server: MountedServer): Promise<ApiClient> => {
  const client = new ApiClient(server.url);
  await client.signIn(server.admin);
  return client;
};

const ready = async (client: ApiClient, id: string): Promise<void> =>
  eventually('the document is ready', async () => {
    const { status, error } = await client.document(id);
    if (status === 'failed') throw new Error(JSON.stringify(error));
    return status === 'ready';
  });

describeWithMounts('a disk for files alone', () => {
  let server: MountedServer;
  let client: ApiClient;

  beforeAll(async () => {
    server = await startMountedServer('files', '12m', { MIN_FREE_BYTES: '1mb' });
    client = await signIn(server);
  });
  afterAll(() => server?.stop());

  it('refuses what does not fit with 507, leaves nothing of it, and takes more when there is room', async () => {
    const first = await client.upload(page('first', 5 * MB), 'first.html', 'first');
    await ready(client, first.id);
    // By what the request says about itself; and two that fit only each alone.
    expect(await outcome(client.upload(page('large', 8 * MB), 'large.html', 'large'))).toBe(
      '507 insufficient_storage',
    );
    const both = await Promise.all(
      ['a', 'b'].map((mark) => outcome(client.upload(page(mark, 4 * MB), `${mark}.html`, mark))),
    );
    // Whoever is slower, or both: what the one takes the other lacks.
    expect(both).toContain('507 insufficient_storage');
    expect(both.filter((each) => !['ok', '507 insufficient_storage'].includes(each))).toEqual([]);
    const { items } = await client.documents({});
    for (const { id } of items) await ready(client, id);
    expect(server.files('files')).toHaveLength(items.length);

    for (const { id } of items) expect(await remove(server, client, id)).toBe(202);
    await eventually('the bytes are gone', () => Promise.resolve(server.files('files').length === 0));
    await sleep(1100);
    await ready(client, (await client.upload(page('later', 8 * MB), 'later.html', 'later')).id);
  }, 400_000);

  it('answers 503 to uploads while it is read-only, reads on, and removes later what it could not', async () => {
    const kept = await client.upload(page('kept', 1000), 'kept.html', 'kept');
    const gone = await client.upload(page('gone', 1000), 'gone.html', 'gone');
    for (const { id } of [kept, gone]) await ready(client, id);
    const before = server.files('files').length;
    server.remount('ro');
    try {
      expect(await outcome(client.upload(page('never', 1000), 'never.html', 'never'))).toBe(
        '503 file_store_unavailable',
      );
      const content = await fetch(`${server.url}/documents/${kept.id}/content`, {
        headers: { authorization: client.authorization },
      });
      expect([content.status, (await content.text()).includes('mark of this page is kept')]).toEqual([
        200,
        true,
      ]);
      const { results } = await client.query({
        query: 'mark of the page kept',
        mode: 'lexical',
        n_results: 1,
      });
      expect(results[0]?.id).toBe('kept');
      expect(await remove(server, client, gone.id)).toBe(202);
      expect(await outcome(client.document(gone.id))).toBe('404 not_found');
      await sleep(2500);
      expect(server.files('files')).toHaveLength(before);
    } finally {
      server.remount('rw');
    }
    await ready(client, (await client.upload(page('again', 1000), 'again.html', 'again')).id);
    await eventually('the bytes are gone', () => Promise.resolve(server.files('files').length === before));
  }, 400_000);
});

describeWithMounts('one disk for everything', () => {
  let server: MountedServer;
  let client: ApiClient;

  beforeAll(async () => {
    server = await startMountedServer('.', '320m', { MIN_FREE_BYTES: '120mb' });
    client = await signIn(server);
  });
  afterAll(() => server?.stop());

  it('stays up when it is full, loses nothing, and goes on when there is room', async () => {
    const accepted: string[] = [];
    let refused = 'ok';
    for (let n = 0; n < 100 && refused === 'ok'; n++) {
      const upload = client.upload(page(`sheet${n}`, 5 * MB), `${n}.html`, `sheet-${n}`);
      refused = await outcome(upload);
      if (refused === 'ok') accepted.push((await upload).id);
    }
    expect(refused).toBe('507 insufficient_storage');
    expect(accepted.length).toBeGreaterThan(3);
    for (const id of accepted) await ready(client, id);
    const { results } = await client.query({ query: 'mark of sheet0', mode: 'lexical', n_results: 1 });
    expect(results[0]?.id).toBe('sheet-0');

    for (const id of accepted.slice(1)) expect(await remove(server, client, id)).toBe(202);
    let later = '';
    await eventually('there is room again', async () => {
      const upload = client.upload(page('later', MB), 'later.html', 'later');
      if ((await outcome(upload)) !== 'ok') return false;
      later = (await upload).id;
      return true;
    });
    await ready(client, later);
    expect((await client.documents({})).items.map((item) => item.doc_id).toSorted()).toEqual([
      'later',
      'sheet-0',
    ]);
  }, 400_000);
});

describeWithMounts('a disk that is too small for a database', () => {
  it('is told, and left as it was', async () => {
    await expect(startMountedServer('.', '30m', {})).rejects.toThrow(
      /cannot start: creating the embedded database in .* failed: no space is left/,
    );
  }, 120_000);
});
