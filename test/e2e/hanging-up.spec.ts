import { once } from 'node:events';
import net from 'node:net';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const LINE = `${JSON.stringify({ type: 'collection', format: 1, name: 'half' })}\n`;
const FORM =
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nhalf a file';

describe('a client that hangs up in the middle of its request', () => {
  let app: TestApp;
  let user: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['an import', 'application/x-ndjson', LINE],
    ['an upload', 'multipart/form-data; boundary=b', FORM],
  ])('is no failure of ours: %s', async (name, type, body) => {
    const made = await user.post('/collections', { body: { name } });
    const id = (made.body as { id: string }).id;
    const path = type.startsWith('multipart') ? '/documents' : `/collections/${id}/import`;
    const errors = jest.spyOn(Logger.prototype, 'error');
    const told = new Promise<unknown>((resolve) => {
      jest.spyOn(Logger.prototype, 'debug').mockImplementation((...given: unknown[]) => {
        if (given.includes('the client hung up while it sent its request')) resolve(given[0]);
      });
      errors.mockImplementation(resolve);
    });
    const { host, port } = new URL(await app.app.getUrl());
    const socket = net.connect(Number(port), '127.0.0.1');
    let answered = '';
    socket.on('data', (part) => (answered += String(part)));
    await once(socket, 'connect');
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${user.token}\r\ncontent-type: ${type}\r\ncontent-length: 100000\r\n\r\n${body}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.destroy();
    expect(answered).toBe('');
    expect(await told).toMatchObject({ request_id: expect.any(String) });
    expect(errors).not.toHaveBeenCalled();
  });
});
