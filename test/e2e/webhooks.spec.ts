import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

interface Received {
  headers: http.IncomingHttpHeaders;
  body: string;
  message: { id: string; type: string; data: { document?: { id: string; status: string } } };
}

/** A real receiver, which answers what the test tells it to. */
class Receiver {
  readonly received: Received[] = [];
  answer = 200;
  private readonly server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      this.received.push({
        headers: request.headers,
        body,
        message: JSON.parse(body) as Received['message'],
      });
      response.writeHead(this.answer).end('ok');
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined, timeoutMs = 120_000): Promise<T> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await new Promise((r) => setTimeout(r, 100))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('it did not come');
}

/** As a receiver checks it, by what docs/webhooks.md says. */
function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

describe('webhooks', () => {
  let app: TestApp;
  let user: Browser;
  let other: Browser;
  let receiver: Receiver;

  beforeAll(async () => {
    app = await startTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    user = await Browser.signedUp(app);
    other = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());
  beforeEach(async () => {
    receiver = new Receiver();
    await receiver.start();
  });
  afterEach(async () => {
    receiver.stop();
    for (const browser of [user, other])
      for (const { id } of (await browser.get('/webhooks')).body.items)
        await browser.delete(`/webhooks/${id}`);
  });

  const create = async (body: object = {}, browser = user) => {
    const made = await browser.post('/webhooks', { body: { url: receiver.url, ...body } });
    expect(made.status).toBe(201);
    return made.body as { id: string; secret: string };
  };
  const upload = async (
    text: string,
    fields: Record<string, string> = {},
    name = 'note.txt',
  ): Promise<string> => (await user.upload([{ name, data: Buffer.from(text) }], fields)).body.documents[0].id;
  const about = (id: string) => receiver.received.find(({ message }) => message.data.document?.id === id);
  const logOf = async (id: string) => (await user.get(`/webhooks/${id}/deliveries`)).body.items;

  it('tell that a document is ready or failed, signed, and keep a log', async () => {
    const hook = await create();
    const ready = await upload('The ferry leaves at noon.');
    const failed = await upload('', {}, 'empty.txt');
    const first = await until(() => about(ready));
    const second = await until(() => about(failed));
    expect(first.message).toMatchObject({ type: 'document.ready', data: { document: { status: 'ready' } } });
    expect(second.message).toMatchObject({
      type: 'document.failed',
      data: { document: { status: 'failed' } },
    });
    for (const [id, { message }] of [
      [ready, first],
      [failed, second],
    ] as const)
      expect(message.data.document).toEqual((await user.get(`/documents/${id}`)).body);
    for (const message of [first, second]) {
      expect(isSignedWith(hook.secret, message)).toBe(true);
      expect(isSignedWith(hook.secret, { ...message, body: `${message.body} ` })).toBe(false);
      expect(Math.abs(Number(message.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
      expect(message.headers['webhook-id']).toBe(message.message.id);
    }
    await until(async () =>
      (await logOf(hook.id)).every((d: { state: string }) => d.state === 'delivered') ? true : undefined,
    );
    expect(await logOf(hook.id)).toHaveLength(2);
    expect((await user.get(`/webhooks/${hook.id}`)).text).not.toContain(hook.secret);
    const stored = await app.source.query('select secret from webhook_endpoints where id = $1', [hook.id]);
    expect((stored[0].secret as Buffer).toString('latin1')).not.toContain(hook.secret.slice(6));
  });

  it('tell of texts that were added, and of each replacement', async () => {
    await create({ events: ['document.ready'] });
    const add = async (text: string) =>
      (await user.post('/rag/add_document', { body: { doc_id: 'replaced', text, wait_ms: 0 } })).body
        .document_id;
    const id = await add('one');
    await until(() => about(id));
    await add('two');
    await until(() =>
      receiver.received.filter(({ message }) => message.data.document?.id === id).length === 2
        ? true
        : undefined,
    );
  });

  it('are tried again while the receiver fails, and on request', async () => {
    receiver.answer = 500;
    const hook = await create();
    await user.post(`/webhooks/${hook.id}/ping`, {});
    await until(() => receiver.received[0]);
    const waiting = await until(async () =>
      (await logOf(hook.id)).find(
        (delivery: { response_status: number }) => delivery.response_status === 500,
      ),
    );
    expect(waiting).toMatchObject({ state: 'pending', attempts: 1 });
    expect(Date.parse(waiting.next_attempt_at)).toBeGreaterThan(Date.now());
    receiver.answer = 200;
    // The pause is over.
    await app.source.query('update webhook_deliveries set next_at = now() where id = $1', [waiting.id]);
    const done = await until(async () =>
      (await logOf(hook.id)).find((delivery: { state: string }) => delivery.state === 'delivered'),
    );
    expect(done).toMatchObject({ attempts: 2, response_status: 200 });
    expect(receiver.received.map(({ message }) => message.id)).toEqual([done.id, done.id]);
    expect((await user.post(`/webhooks/${hook.id}/deliveries/${done.id}/retry`, {})).status).toBe(202);
    await until(() => receiver.received[2]);
  });

  it('give up in the end, and stop at once where the receiver is gone', async () => {
    receiver.answer = 500;
    const hook = await create();
    const { id } = (await user.post(`/webhooks/${hook.id}/ping`, {})).body;
    await app.source.query('update webhook_deliveries set attempts = 7, next_at = now() where id = $1', [id]);
    await until(async () => (await logOf(hook.id)).find((d: { state: string }) => d.state === 'failed'));
    receiver.answer = 410;
    await user.post(`/webhooks/${hook.id}/ping`, {});
    const off = await until(async () => {
      const { body } = await user.get(`/webhooks/${hook.id}`);
      return body.enabled ? undefined : body;
    });
    expect(off.disabled_reason).toContain('410');
    const on = await user.patch(`/webhooks/${hook.id}`, { body: { enabled: true } });
    expect(on.body).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('to a receiver that never answers do not hold up those of others', async () => {
    const silent = http.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hook`;
      for (let i = 0; i < 10; i++) {
        const { id } = (await user.post('/webhooks', { body: { url } })).body;
        await Promise.all(Array.from({ length: 10 }, () => user.post(`/webhooks/${id}/ping`, {})));
      }
      const began = Date.now();
      const hook = await create({}, other);
      await other.post(`/webhooks/${hook.id}/ping`, {});
      await until(() => receiver.received[0]);
      // Ten at a time, the hundred before would take ten times the ten seconds that each is waited for.
      expect(Date.now() - began).toBeLessThan(50_000);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('survive the end of a process in the middle of a delivery', async () => {
    const hook = await create();
    await user.post(`/webhooks/${hook.id}/ping`, {});
    const first = await until(async () =>
      (await logOf(hook.id)).find((d: { state: string }) => d.state === 'delivered'),
    );
    // As a process leaves it that was killed after it had taken the delivery.
    await app.source.query(
      `update webhook_deliveries set state = 'pending', finished_at = null, next_at = now() - interval '1 second' where id = $1`,
      [first.id],
    );
    await until(() => receiver.received[1]);
  });

  it('are signed with both secrets while one is replaced', async () => {
    const hook = await create();
    const rotated = await user.post(`/webhooks/${hook.id}/rotate`, {});
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(hook.secret);
    await user.post(`/webhooks/${hook.id}/ping`, {});
    const message = await until(() => receiver.received[0]);
    expect(isSignedWith(hook.secret, message)).toBe(true);
    expect(isSignedWith(rotated.body.secret, message)).toBe(true);
    await app.source.query(`update webhook_endpoints set previous_until = now() - interval '1 second'`);
    await user.post(`/webhooks/${hook.id}/ping`, {});
    const later = await until(() => receiver.received[1]);
    expect(isSignedWith(hook.secret, later)).toBe(false);
    expect(isSignedWith(rotated.body.secret, later)).toBe(true);
  });

  it('tell only of what their owner may read, also when the right is lost before the message is sent', async () => {
    const collection = (await user.post('/collections', { body: { name: 'hooks' } })).body.id;
    const subject = `user:${(await other.me()).body.id}`;
    const grant = (await user.put(`/collections/${collection}/grants`, { body: { subject, access: 'read' } }))
      .body.id;
    expect(
      (await other.post('/webhooks', { body: { url: receiver.url, collection_id: crypto.randomUUID() } }))
        .status,
    ).toBe(404);
    await create({ collection_id: collection }, other);
    const own = await upload('private to the owner');
    const shared = await upload('shared with the other', { collection_id: collection });
    await until(() => about(shared));
    await user.settled(own);
    await user.delete(`/collections/${collection}/grants/${grant}`);
    const hidden = await upload('after the grant', { collection_id: collection });
    await user.settled(hidden);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(about(own)).toBeUndefined();
    expect(about(hidden)).toBeUndefined();
    const lined = await app.source.query('select 1 from webhook_deliveries where document_id = $1', [hidden]);
    expect(lined).toEqual([]);
  });

  it('belong to their owner alone', async () => {
    const hook = await create();
    for (const [method, path] of [
      ['get', ''],
      ['patch', ''],
      ['delete', ''],
      ['post', '/rotate'],
      ['post', '/ping'],
      ['get', '/deliveries'],
      ['post', `/deliveries/${crypto.randomUUID()}/retry`],
    ] as const) {
      const response = await other[method](
        `/webhooks/${hook.id}${path}`,
        method === 'get' ? {} : { body: {} },
      );
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect((await other.get('/webhooks')).body.items).toEqual([]);
    expect((await user.get(`/webhooks/${hook.id}`, { anonymous: true })).status).toBe(401);
  });

  it.each([
    [{}],
    [{ url: 'file:///etc/passwd' }],
    [{ url: 'https://user:secret@example.com/' }],
    [{ url: 'not an address' }],
    [{ url: 7 }],
    [{ url: 'https://example.com/', events: [] }],
    [{ url: 'https://example.com/', events: ['document.deleted'] }],
    [{ url: `https://example.com/${'x'.repeat(2000)}` }],
    [{ url: 'https://example.com/', secret: 'mine' }],
  ])('%j is refused', async (body) => {
    const response = await user.post('/webhooks', { body });
    expect(response.body).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it('are limited in number', async () => {
    const made = await Promise.all(
      Array.from({ length: 22 }, () => user.post('/webhooks', { body: { url: receiver.url } })),
    );
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(20).fill(201),
      409,
      409,
    ]);
  });
});

describe('a server that is told to stop while webhooks are on their way', () => {
  let dataDir: string;
  let app: TestApp | undefined;
  beforeEach(() => {
    dataDir = newDataDir();
  });
  afterEach(async () => {
    await app?.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });
  const started = async (): Promise<TestApp> =>
    (app = await startTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true', DATA_DIR: dataDir }));
  const stop = async (): Promise<void> => {
    const running = app;
    app = undefined;
    await running?.close();
  };
  const pinged = async (user: Browser, url: string): Promise<string> => {
    const { id } = (await user.post('/webhooks', { body: { url } })).body;
    expect((await user.post(`/webhooks/${id}/ping`, {})).status).toBe(202);
    return id;
  };
  const logOf = async (user: Browser, id: string) =>
    (await user.get(`/webhooks/${id}/deliveries`)).body.items;

  it('ends, though a receiver changed the protocol', async () => {
    const receiver = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
      );
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    try {
      const user = await Browser.signedUp(await started());
      const id = await pinged(user, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
      const [delivery] = await until(async () => {
        const log = await logOf(user, id);
        return log[0].response_status === null ? undefined : log;
      });
      expect(delivery).toMatchObject({ state: 'pending', attempts: 1, response_status: 101 });
      await stop();
    } finally {
      receiver.close();
    }
  });

  it('waits a moment for a receiver, and counts nothing against one that is slower', async () => {
    const receiver = http.createServer().listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    try {
      const user = await Browser.signedUp(await started());
      const asked = once(receiver, 'request');
      const id = await pinged(user, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
      await asked;
      await stop();
      receiver.on('request', (_request, response) => response.writeHead(204).end());
      const again = await new Browser(await started(), user.account).signedIn();
      const [delivery] = await until(async () => {
        const log = await logOf(again, id);
        return log[0].state === 'delivered' ? log : undefined;
      });
      expect(delivery).toMatchObject({ attempts: 1, response_status: 204 });
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  });
});

describe('webhooks without a way into private networks', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://169.254.169.254/',
    'https://[::1]/',
  ])('%s is refused', async (url) => {
    const response = await user.post('/webhooks', { body: { url } });
    expect(response.body).toMatchObject({
      status: 400,
      code: 'validation_failed',
      errors: [{ field: 'url' }],
    });
  });
});
