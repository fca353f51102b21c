// A client that keeps the cookies of one session, and a fast generator of equal requests.
import http from 'node:http';
import net from 'node:net';

/** One request; resolves to status, headers, parsed body and milliseconds. */
export function send(base, route, { method = 'GET', body, headers = {}, agent } = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(route, base), {
      method,
      agent,
      headers: {
        ...headers,
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const parts = [];
      response.on('error', reject);
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: text === '' ? undefined : JSON.parse(text),
          ms: performance.now() - startedAt,
        });
      });
    });
    request.end(payload);
  });
}

export class Session {
  #cookies = new Map();
  #csrf;
  token;

  constructor(base, agent) {
    this.base = base;
    this.agent = agent;
  }

  async signIn(account) {
    this.#keep(await this.#post('/auth/login', account));
    return this;
  }

  /** The same session, asked of another process. */
  at(base) {
    const other = new Session(base, this.agent);
    other.#cookies = new Map(this.#cookies);
    other.#csrf = this.#csrf;
    other.token = this.token;
    return other;
  }

  /** The answer, kept only with `keep`: a race is several refreshes from the same state. */
  async refresh({ keep = true } = {}) {
    const answer = await this.#post('/auth/refresh', undefined, false);
    if (keep && answer.status === 200) this.#keep(answer);
    return answer;
  }

  keep = (answer) => this.#keep(answer);
  logout = () => this.#post('/auth/logout');
  me = () => send(this.base, '/auth/me', { headers: this.authorization, agent: this.agent });

  get authorization() {
    return { authorization: `Bearer ${this.token}` };
  }

  async #post(route, body, must = true) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(this.base, route, {
      method: 'POST',
      body,
      agent: this.agent,
      headers: { ...(cookie ? { cookie } : {}), ...(this.#csrf ? { 'x-csrf-token': this.#csrf } : {}) },
    });
    if (must && answer.status !== 200)
      throw new Error(`POST ${route} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  #keep({ headers, body }) {
    for (const line of headers['set-cookie'] ?? []) {
      const [name, value] = line.split(';', 1)[0].split('=');
      this.#cookies.set(name, value);
    }
    this.token = body.access_token ?? this.token;
    this.#csrf = body.csrf_token ?? this.#csrf;
  }
}

/**
 * GET requests over kept connections for so many seconds. Written to sockets as they are: an HTTP client costs as much
 * as the server, and would be what is measured.
 * @returns answers per second; fails on the first that is not 200
 */
export async function getRate(base, route, { headers = {}, connections = 16, seconds }) {
  const { hostname, port, host } = new URL(base);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${route} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const until = performance.now() + seconds * 1000;
  const startedAt = performance.now();
  const lane = () =>
    new Promise((resolve, reject) => {
      const socket = net.connect(Number(port), hostname);
      let count = 0;
      let buffered = '';
      socket.setNoDelay(true);
      socket.on('error', reject);
      socket.on('connect', () => socket.write(request));
      socket.on('data', (data) => {
        buffered += data.toString('latin1');
        const head = buffered.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(buffered)?.[1]);
        if (buffered.length < head + 4 + length) return;
        if (!buffered.startsWith('HTTP/1.1 200')) {
          socket.destroy();
          reject(new Error(`GET ${route}: ${buffered.split('\r\n', 1)[0]}`));
          return;
        }
        buffered = '';
        count++;
        if (performance.now() < until) socket.write(request);
        else {
          socket.end();
          resolve(count);
        }
      });
    });
  const counts = await Promise.all(Array.from({ length: connections }, lane));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total / ((performance.now() - startedAt) / 1000);
}
