import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { newDataDir, newPassword, startTestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { FakeGemini } from '../support/fake-gemini.js';
import { runNode, type NodeProcess } from '../support/node-process.js';

/** A server that is told to stop while clients go on asking on connections that stay open. */
describe('a server that is told to stop', () => {
  const dataDir = newDataDir();
  let server: NodeProcess | undefined;
  afterAll(async () => {
    server?.signal('SIGKILL');
    await server?.ended;
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  it('answers what it takes, and ends in order though they never pause', async () => {
    const admin = { email: 'root@example.com', password: newPassword() };
    server = runNode('dist/main.js', [], {
      DATA_DIR: dataDir,
      MODELS_DIR: path.join(os.tmpdir(), 'no-models'),
      MODEL_DOWNLOAD: 'off',
      PORT: '0',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      RATE_LIMITS: 'off',
      LOG_FORMAT: 'json',
    });
    const url = (await server.printed(/listens on (http:\/\/[^\s"]+)/))[1]!;
    const post = (route: string, body: object, token?: string): Promise<Response> =>
      fetch(`${url}${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      });
    const { access_token: token } = (await (await post('/auth/login', admin)).json()) as {
      access_token: string;
    };
    const events = await fetch(`${url}/documents/events`, { headers: { authorization: `Bearer ${token}` } });
    const followed = events.text();
    const statuses: number[] = [];
    const ask = async (client: number): Promise<void> => {
      for (let n = 0; ; n++)
        try {
          const text = `The number of this note is ${client}-${n}.`;
          const response = await post('/rag/add_document', { doc_id: `${client}-${n}`, text }, token);
          statuses.push(response.status);
          await response.text();
        } catch {
          // Its connection has ended, and there is no other one.
          return;
        }
    };
    const clients = Array.from({ length: 4 }, (_, client) => ask(client));
    while (statuses.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    server.signal('SIGTERM');
    await Promise.all(clients);
    expect(await server.ended).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await followed).toContain('event:');
    expect(server.output()).not.toMatch(/"level":(?:50|60)/);
  }, 120_000);

  it('counts nothing against the files that it was reading', async () => {
    const own = newDataDir();
    const admin = { email: 'root@example.com', password: newPassword() };
    const reading = runNode('dist/main.js', [], {
      DATA_DIR: own,
      MODELS_DIR: path.join(os.tmpdir(), 'no-models'),
      MODEL_DOWNLOAD: 'off',
      PORT: '0',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      LOG_FORMAT: 'json',
    });
    try {
      const url = (await reading.printed(/listens on (http:\/\/[^\s"]+)/))[1]!;
      const login = await fetch(`${url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(admin),
      });
      const authorization = `Bearer ${((await login.json()) as { access_token: string }).access_token}`;
      const form = new FormData();
      for (let i = 0; i < 8; i++) {
        const text = `# Volume ${i}\n\n${'The harbour master writes down each ship and its cargo. '.repeat(20_000)}`;
        form.append('file', new Blob([text], { type: 'text/markdown' }), `volume-${i}.md`);
      }
      const accepted = await fetch(`${url}/documents`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      });
      expect(accepted.status).toBe(202);
      const listed = async (): Promise<string[]> => {
        const response = await fetch(`${url}/documents`, { headers: { authorization } });
        return ((await response.json()) as { items: { status: string }[] }).items.map(({ status }) => status);
      };
      const isUnread = (status: string): boolean => ['queued', 'extracting'].includes(status);
      let statuses = await listed();
      // As soon as the first one was read, others are.
      while (statuses.every(isUnread)) statuses = await listed();
      expect(statuses.some(isUnread)).toBe(true);
      reading.signal('SIGTERM');
      expect(await reading.ended).toBe(0);
      expect(reading.output()).not.toMatch(/"level":(?:40|50|60)/);
    } finally {
      reading.signal('SIGKILL');
      await reading.ended;
    }
    const app = await startTestApp({ DATA_DIR: own });
    try {
      const failures = await app.source.query<{ n: number }[]>(
        'select read_failures as n from document_versions',
      );
      expect(failures.map(({ n }) => n)).toEqual(Array(8).fill(0));
    } finally {
      await app.close();
      fs.rmSync(own, { recursive: true, force: true });
    }
  }, 240_000);
});

/** A ChromaDB that has nothing and takes a collection, and leaves each write without an answer. */
class SilentChroma {
  private readonly server = http.createServer((request, response) => void this.handle(request, response));
  private readonly asked = Promise.withResolvers<http.ServerResponse>();
  /** The first write. */
  readonly write = this.asked.promise;

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const text = await request.setEncoding('utf8').reduce((all: string, part: string) => all + part, '');
    const { pathname } = new URL(request.url ?? '', 'http://chroma');
    if (pathname.endsWith('/upsert')) return this.asked.resolve(response);
    const place = { id: randomUUID(), tenant: 'default_tenant', database: 'default_database' };
    const missing = request.method === 'GET' && pathname.includes('/collections/');
    const made = pathname.endsWith('/collections') ? (JSON.parse(text || '{}') as object) : {};
    response.writeHead(missing ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        missing
          ? { error: 'NotFoundError', message: 'Collection does not exist' }
          : { ...place, name: 'default_database', max_batch_size: 1000, configuration_json: {}, ...made },
      ),
    );
  }
}

describe('a server whose vector store has fallen silent', () => {
  it('stops without waiting for it', async () => {
    const chroma = new SilentChroma();
    const gemini = await FakeGemini.start();
    const app = await startTestApp({
      CHROMA_URL: await chroma.start(),
      EMBEDDING_MODEL: `gemini:${gemini.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: gemini.key,
      GEMINI_BASE_URL: gemini.url,
      LLM: 'none',
    });
    let closing: Promise<void> | undefined;
    try {
      const user = await Browser.signedUp(app);
      const body = { doc_id: 'ferry', text: 'The ferry leaves at noon.', wait_ms: 0 };
      expect((await user.post('/rag/add_document', { body })).status).toBe(200);
      const write = await chroma.write;
      await (closing = app.close());
      // Nobody gave it up before: a write may take half a minute, which is more than a stop may.
      expect(write.destroyed).toBe(false);
    } finally {
      await (closing ?? app.close());
      chroma.stop();
      await gemini.stop();
    }
  }, 120_000);
});
