import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newDataDir, newPassword } from '../support/app.js';
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
});
