import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { S3FileStore } from '../../src/storage/adapters/s3/s3-store.js';
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
      broken.close();
    }
  });
});
