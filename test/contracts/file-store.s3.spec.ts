import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { S3FileStore } from '../../src/storage/adapters/s3/s3-store.js';
import { newKey } from '../../src/storage/adapters/measured.js';
import { FileUnreadable } from '../../src/storage/storage.types.js';
import { motoBinary, S3_CREDENTIALS, S3_MISSING, startS3, type S3Server } from '../support/s3.js';
import { describeFileStore } from './file-store.contract.js';

const binary = motoBinary();
if (!binary) {
  if (process.env['REQUIRE_SHARED'] === '1') throw new Error(S3_MISSING);
  console.warn(`skipped: ${S3_MISSING}`);
}

(binary ? describe : describe.skip)('files in a bucket', () => {
  let server: S3Server;
  let scratch: string;
  let store: S3FileStore;
  const open = (options: { bucket?: string; prefix?: string; endpoint?: string } = {}): S3FileStore =>
    new S3FileStore({
      bucket: server.bucket,
      prefix: 'ours/',
      region: 'us-east-1',
      endpoint: server.endpoint,
      forcePathStyle: true,
      credentials: S3_CREDENTIALS,
      scratch,
      ...options,
    });

  beforeAll(async () => {
    server = await startS3(binary ?? '');
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'scratch-'));
    store = open();
  });
  afterAll(async () => {
    store?.close();
    await server?.stop();
    if (scratch) fs.rmSync(scratch, { recursive: true, force: true });
  });

  describeFileStore(() => store);

  test('local copies are gone once they were released', async () => {
    const { key } = await store.put(Readable.from([Buffer.from('copy')]), 100);
    const lent = await store.local(key);
    expect(fs.readdirSync(scratch)).toHaveLength(1);
    await lent.release();
    expect(fs.readdirSync(scratch)).toEqual([]);
  });

  test('two prefixes of one bucket do not see each other', async () => {
    const other = open({ prefix: 'theirs/' });
    const { key } = await other.put(Readable.from([Buffer.from('x')]), 10);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
    for await (const entry of store.list(key.slice(0, 2))) expect(entry.key).not.toBe(key);
    other.close();
  });

  test('a bucket or server that is not there is a typed failure', async () => {
    for (const broken of [open({ bucket: 'nowhere' }), open({ endpoint: 'http://127.0.0.1:1' })]) {
      const failure = { code: 'file_store_unavailable', status: 503 };
      await expect(broken.put(Readable.from([Buffer.from('x')]), 10)).rejects.toMatchObject(failure);
      await expect(broken.ping()).rejects.toMatchObject(failure);
      await expect(broken.has(newKey())).rejects.toMatchObject(failure);
      await expect(broken.mark()).rejects.toMatchObject(failure);
      await expect(broken.setMark('ours')).rejects.toMatchObject(failure);
      broken.close();
    }
  });
});

describe('a bucket that answers', () => {
  it.each([
    [403, 'AccessDenied', true],
    [403, 'InvalidObjectState', true],
    [429, 'TooManyRequests', false],
    [503, 'SlowDown', false],
  ])('%i %s for an object: whether it may be this one alone is %s', async (status, code, alone) => {
    const server = http.createServer((request, response) => {
      const isPing = request.method === 'HEAD';
      response.writeHead(isPing ? 200 : status, { 'content-type': 'application/xml' });
      response.end(
        isPing ? '' : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const store = new S3FileStore({
      bucket: 'documents',
      prefix: '',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      forcePathStyle: true,
      credentials: S3_CREDENTIALS,
      scratch: os.tmpdir(),
    });
    try {
      const refused = await store.get(newKey()).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'file_store_unavailable', status: 503 });
      expect(refused instanceof FileUnreadable).toBe(alone);
      await store.ping();
    } finally {
      store.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
