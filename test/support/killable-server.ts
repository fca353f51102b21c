import fs from 'node:fs';
import path from 'node:path';
import { newDataDir, newPassword } from './app.js';
import { runNode, type NodeProcess } from './node-process.js';
import { sharedDir } from './shared.js';

/** The built server with the encoders of the shared folder, as a process that can be killed and started again. */
export class KillableServer {
  private readonly dataDir = newDataDir();
  private readonly admin = { email: 'root@example.com', password: newPassword() };
  private server: NodeProcess | undefined;
  private url = '';
  private token = '';

  /** Resolves when it listens and the administrator is signed in. */
  async start(): Promise<void> {
    this.server = runNode('dist/main.js', [], {
      DATA_DIR: this.dataDir,
      MODELS_DIR: path.join(sharedDir, 'models'),
      MODEL_DOWNLOAD: 'off',
      PORT: '0',
      ADMIN_EMAIL: this.admin.email,
      ADMIN_PASSWORD: this.admin.password,
      RATE_LIMITS: 'off',
      LOG_FORMAT: 'json',
    });
    this.url = (await this.server.printed(/listens on (http:\/\/[^\s"]+)/))[1]!;
    this.token = (await this.call<{ access_token: string }>('POST', '/auth/login', this.admin)).access_token;
  }

  /** As the administrator; fails on any answer that is no success. */
  async call<T>(method: string, route: string, body?: object | FormData): Promise<T> {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`${this.url}${route}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(json && { 'content-type': 'application/json' }),
      },
      ...(body && { body: json ? JSON.stringify(body) : body }),
    });
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** By SIGKILL: it does not get to say anything. */
  async kill(): Promise<void> {
    this.server?.signal('SIGKILL');
    await this.server?.ended;
    this.token = '';
  }

  /** Ends it in order, and takes its data away. */
  async close(): Promise<void> {
    this.server?.signal('SIGTERM');
    await this.server?.ended;
    fs.rmSync(this.dataDir, { recursive: true, force: true });
  }
}
