import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Settings } from '../config/settings.js';
import { WebhookSender } from './webhook-sender.service.js';

/** A receiver on this machine: whatever arrives there although it must not is a hole. */
describe('sending to an address that somebody chose', () => {
  let server: http.Server;
  let port: number;
  let arrived: { path: string; host: string; body: string }[];
  let answer: (response: http.ServerResponse) => void;

  beforeEach(async () => {
    arrived = [];
    answer = (response) => response.writeHead(204).end();
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        arrived.push({ path: request.url ?? '', host: request.headers.host ?? '', body });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A name server whose answers change: the first is what is checked, the second what a second look would find. */
  function sender(
    webhookAllowPrivate: boolean,
    ...answers: string[][]
  ): { sender: WebhookSender; asked: string[] } {
    const asked: string[] = [];
    const lookup = {
      addresses: (host: string) => {
        asked.push(host);
        const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
        return Promise.resolve(
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      },
    };
    return { sender: new WebhookSender(lookup, { webhookAllowPrivate } as Settings), asked };
  }
  const message = (url: string) => ({ url, headers: { 'x-test': '1' }, body: '{"a":"ä"}' });

  it('uses the address that it looked up once, whatever the name means afterwards', async () => {
    const { sender: it, asked } = sender(true, ['127.0.0.1'], ['192.0.2.1']);
    expect(await it.send(message(`http://rebinding.example:${port}/hook`))).toEqual({ status: 204 });
    expect(asked).toEqual(['rebinding.example']);
    expect(arrived).toEqual([{ path: '/hook', host: `rebinding.example:${port}`, body: '{"a":"ä"}' }]);
  });

  it.each([
    [['127.0.0.1']],
    [['93.184.216.34', '127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['169.254.169.254']],
  ])('does not connect when the name means %j', async (addresses) => {
    const { sender: it, asked } = sender(false, addresses);
    const attempt = await it.send(message(`https://innocent.example:${port}/`));
    expect(attempt).toEqual({ error: expect.stringContaining('public internet') });
    expect(asked).toHaveLength(1);
    expect(arrived).toEqual([]);
  });

  it('checks an address that was accepted once each time', async () => {
    const { sender: it } = sender(false);
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://[::ffff:7f00:1]:${port}/`,
      `https://127.1:${port}/`,
    ])
      expect(await it.send(message(url))).toEqual({ error: expect.any(String) });
    expect(arrived).toEqual([]);
  });

  it('follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
    const { sender: it } = sender(true, ['127.0.0.1']);
    expect(await it.send(message(`http://a.example:${port}/hook`))).toEqual({ status: 302 });
    expect(arrived.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('reads no more of an answer than it needs', async () => {
    answer = (response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    };
    const { sender: it } = sender(true, ['127.0.0.1']);
    expect(await it.send(message(`http://a.example:${port}/`))).toEqual({ status: 200 });
  });

  it.each([
    [
      'changes the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      { status: 101 },
    ],
    [
      'says that it would go on and ends',
      'HTTP/1.1 100 Continue\r\n\r\n',
      { error: 'the connection failed' },
    ],
    ['ends without a word', '', { error: 'the connection failed' }],
    ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n', { error: 'the connection failed' }],
  ])(
    'comes to an end where the receiver %s',
    async (_what, head, attempt) => {
      const raw = net.createServer((socket) => {
        socket.on('error', () => undefined);
        // Only a receiver that changes the protocol keeps the connection.
        socket.once('data', () => (head.includes(' 101 ') ? socket.write(head) : socket.end(head)));
      });
      await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
      const ended = new Promise((resolve) =>
        raw.once('connection', (socket) => socket.once('close', resolve)),
      );
      try {
        const { sender: it } = sender(true, ['127.0.0.1']);
        const { port: other } = raw.address() as AddressInfo;
        expect(await it.send(message(`http://a.example:${other}/`))).toEqual(attempt);
        await ended;
      } finally {
        raw.close();
      }
    },
    30_000,
  );

  it('is broken off with its signal, while the name is looked up and while an answer is waited for', async () => {
    const { sender: it } = sender(true, ['127.0.0.1']);
    const stopped = new AbortController();
    answer = () => stopped.abort();
    const silent = it.send(message(`http://a.example:${port}/`), stopped.signal);
    expect(await silent).toEqual({ error: 'no answer in time' });
    const lost = { addresses: () => new Promise<never>(() => undefined) };
    const named = new WebhookSender(lost, { webhookAllowPrivate: true } as Settings);
    const stopping = new AbortController();
    const looking = named.send(message('http://a.example/'), stopping.signal);
    stopping.abort();
    expect(await looking).toEqual({ error: 'no answer in time' });
  });

  it('says why nothing came of it, in words that tell nothing about the network', async () => {
    const { sender: it } = sender(true, ['127.0.0.1']);
    server.close();
    server.closeAllConnections();
    expect(await it.send(message(`http://a.example:${port}/`))).toEqual({
      error: 'the connection was refused',
    });
    const nobody = sender(true, []);
    expect(await nobody.sender.send(message('http://a.example/'))).toEqual({
      error: 'the name has no address',
    });
  });
});
