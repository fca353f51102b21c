import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newDataDir, newPassword, startTestApp } from '../support/app.js';
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
