import type { Response, Test } from 'supertest';
import { newPassword, type TestApp } from './app.js';

export interface Cookie {
  value: string;
  /** Attribute names in lower case; `true` for those without a value. */
  attributes: Record<string, string | true>;
}

interface Sent {
  body?: object | string;
  headers?: Record<string, string>;
  /** Cookies to send instead of those of the jar; names to values. */
  cookies?: Record<string, string>;
  /** Sends neither the access token, nor cookies, nor the CSRF header. */
  anonymous?: boolean;
  bearer?: string | null;
  csrf?: string | null;
}

/** The value with another first sign: whatever was signed is not signed any more. */
export const altered = (value = ''): string => `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`;

let counter = 0;
export const newEmail = (): string => `user${++counter}.${Date.now().toString(36)}@example.com`;

/** A client that keeps cookies as a browser does, with the paths ignored: it sends what the test tells it to. */
export class Browser {
  readonly jar = new Map<string, Cookie>();
  token: string | undefined;
  csrf: string | undefined;

  constructor(
    private readonly app: TestApp,
    readonly account: { email: string; password: string } = { email: newEmail(), password: newPassword() },
  ) {}

  /** A registered user who is signed in. */
  static async signedUp(app: TestApp, profile: object = {}): Promise<Browser> {
    const browser = new Browser(app);
    const registered = await browser.register(profile);
    if (registered.status !== 201) throw new Error(`register: ${registered.status} ${registered.text}`);
    await browser.signedIn();
    return browser;
  }

  /** The same account on another device. */
  async elsewhere(login: object = {}): Promise<Browser> {
    const other = new Browser(this.app, this.account);
    await other.signedIn(login);
    return other;
  }

  /** As if the mail had been followed. */
  async proven(): Promise<this> {
    await this.app.source.query('update users set email_verified_at = now() where email = $1', [
      this.account.email,
    ]);
    return this;
  }

  async signedIn(login: object = {}): Promise<this> {
    const response = await this.login(login);
    if (response.status !== 200) throw new Error(`login: ${response.status} ${response.text}`);
    return this;
  }

  register(profile: object = {}): Promise<Response> {
    return this.post('/auth/register', { body: { ...this.account, ...profile }, anonymous: true });
  }

  login(extra: object = {}): Promise<Response> {
    return this.post('/auth/login', { body: { ...this.account, ...extra }, bearer: null, csrf: null });
  }

  refresh(sent: Sent = {}): Promise<Response> {
    return this.post('/auth/refresh', { bearer: null, ...sent });
  }

  me(sent: Sent = {}): Promise<Response> {
    return this.get('/auth/me', sent);
  }

  patch = (path: string, sent: Sent = {}): Promise<Response> => this.send('patch', path, sent);
  put = (path: string, sent: Sent = {}): Promise<Response> => this.send('put', path, sent);

  /** Sends files as a form; a Buffer's name is what the server is told. */
  async upload(
    files: readonly { name: string; data: Buffer; type?: string }[],
    fields: Record<string, string> = {},
  ): Promise<Response> {
    let request = this.app.http().post('/documents').set('Authorization', `Bearer ${this.token}`);
    for (const [name, value] of Object.entries(fields)) request = request.field(name, value);
    for (const { name, data, type } of files)
      request = request.attach('file', data, {
        filename: name,
        contentType: type ?? 'application/octet-stream',
      });
    return request;
  }

  /** The document once it is `ready` or `failed`. */
  async settled(id: string, timeoutMs = 120_000): Promise<Response['body']> {
    for (
      const until = performance.now() + timeoutMs;
      ;
      await new Promise((resolve) => setTimeout(resolve, 100))
    ) {
      const { body } = await this.get(`/documents/${id}`);
      if (body.status === 'ready' || body.status === 'failed') return body;
      if (performance.now() > until) throw new Error(`document ${id} is still ${body.status}`);
    }
  }

  get = (path: string, sent: Sent = {}): Promise<Response> => this.send('get', path, sent);
  post = (path: string, sent: Sent = {}): Promise<Response> => this.send('post', path, sent);
  delete = (path: string, sent: Sent = {}): Promise<Response> => this.send('delete', path, sent);

  /** What a request with the present jar sends; taken now, so that a parallel answer cannot change it. */
  cookies(): Record<string, string> {
    return Object.fromEntries([...this.jar].map(([name, { value }]) => [name, value]));
  }

  private async send(
    method: 'get' | 'post' | 'patch' | 'put' | 'delete',
    path: string,
    sent: Sent,
  ): Promise<Response> {
    let request: Test = this.app.http()[method](path);
    const cookies = sent.cookies ?? (sent.anonymous ? {} : this.cookies());
    const bearer = sent.anonymous ? null : sent.bearer === undefined ? this.token : sent.bearer;
    const csrf = sent.anonymous ? null : sent.csrf === undefined ? this.csrf : sent.csrf;
    const line = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
    if (line.length) request = request.set('Cookie', line.join('; '));
    if (bearer) request = request.set('Authorization', `Bearer ${bearer}`);
    if (csrf) request = request.set('x-csrf-token', csrf);
    if (typeof sent.body === 'string') request = request.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(sent.headers ?? {})) request = request.set(name, value);
    const response = await (sent.body === undefined ? request : request.send(sent.body));
    this.keep(response);
    return response;
  }

  private keep(response: Response): void {
    for (const [name, cookie] of setCookies(response))
      if (cookie.value === '') this.jar.delete(name);
      else this.jar.set(name, cookie);
    const body = response.body as { access_token?: string; csrf_token?: string };
    if (response.status !== 200 || body.access_token === undefined) return;
    this.token = body.access_token;
    this.csrf = body.csrf_token;
  }
}

export function setCookies(response: Response): Map<string, Cookie> {
  const lines = (response.headers['set-cookie'] ?? []) as unknown as string[];
  const found = new Map<string, Cookie>();
  for (const line of lines) {
    const [pair = '', ...rest] = line.split('; ');
    const at = pair.indexOf('=');
    const attributes = Object.fromEntries(
      rest.map((part) => {
        const [name = '', value] = part.split('=');
        return [name.toLowerCase(), value ?? (true as const)];
      }),
    );
    found.set(pair.slice(0, at), { value: pair.slice(at + 1), attributes });
  }
  return found;
}
