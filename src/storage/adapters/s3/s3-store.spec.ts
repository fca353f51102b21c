import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKey } from '../measured.js';
import { S3FileStore } from './s3-store.js';

const IDLE_MS = 500;
const silent = { code: 'file_store_unavailable' };

/** A store whose server does what is given. */
async function storeAt(server: net.Server, idleMs = IDLE_MS, answerMs?: number): Promise<S3FileStore> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new S3FileStore({
    bucket: 'documents',
    prefix: '',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    // Of its own, and never made: what is old in it is deleted.
    scratch: path.join(os.tmpdir(), randomUUID()),
    idleMs,
    ...(answerMs === undefined ? {} : { answerMs }),
  });
}

const listed = async (store: S3FileStore): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list('ab')) keys.push(key);
  return keys;
};

describe('a bucket whose server accepts connections and never answers', () => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server);
  });
  afterAll(() => {
    store.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['reading', () => store.get(newKey())],
    ['writing', () => store.put(Readable.from([Buffer.from('x')]), 10)],
    ['deleting', () => store.delete([newKey()])],
    ['asking whether it is there', () => store.ping()],
  ])(
    'is unavailable to %s, instead of for ever under way',
    async (_name, use) => {
      await expect(use()).rejects.toMatchObject(silent);
    },
    30_000,
  );
});

describe('a bucket whose server lets nothing be heard', () => {
  /** No silence of a connection counts here. */
  const NEVER_MS = 600_000;
  let requests = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    requests++;
    // To be asked again is not heard as an answer.
    if (requests === 1) response.writeHead(503).end();
  });
  let store: S3FileStore;
  beforeAll(async () => {
    // Enough for the pause before the other attempt.
    store = await storeAt(server, NEVER_MS, 4 * IDLE_MS);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['reading', () => store.get(newKey())],
    ['looking for a file', () => store.has(newKey())],
    ['deleting', () => store.delete([newKey()])],
    ['listing', () => listed(store)],
    ['looking for what is unfinished', () => store.removeUnfinished(new Date())],
  ])(
    'is unavailable to %s before the connection is given up',
    async (_name, use) => {
      requests = 0;
      await expect(use()).rejects.toMatchObject(silent);
      expect(requests).toBe(2);
    },
    30_000,
  );
});

describe('a bucket whose server begins soon and is slow', () => {
  const PIECES = 10;
  const ANSWER_MS = 1000;
  const key = `ab/ab${newKey().slice(5)}`;
  const list = `<ListBucketResult><Contents><Key>${key}</Key><Size>1</Size></Contents></ListBucketResult>`;
  const server = http.createServer((request, response) => {
    request.resume();
    void (async () => {
      const isList = request.url?.includes('list-type') === true;
      const body = isList ? list : 'x'.repeat(PIECES);
      const piece = Math.ceil(body.length / PIECES);
      response.writeHead(200, { 'content-length': body.length, 'content-type': 'application/xml' });
      for (let i = 0; i < body.length; i += piece) {
        response.write(body.slice(i, i + piece));
        await sleep((2 * ANSWER_MS) / PIECES);
      }
      response.end();
    })();
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server, 60_000, ANSWER_MS);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  test('is read and listed to the end', async () => {
    await expect(store.get(key).then(buffer)).resolves.toHaveLength(PIECES);
    await expect(listed(store)).resolves.toEqual([key]);
  }, 30_000);
});

describe('a bucket whose server is slow', () => {
  const PIECES = 32;
  /** Far above the time between two pieces, which a busy machine stretches. */
  const PATIENT_MS = 3000;
  const server = http.createServer((_request, response) => {
    void (async () => {
      response.writeHead(200, { 'content-length': PIECES });
      for (let i = 0; i < PIECES; i++) {
        response.write('x');
        await sleep(PATIENT_MS / 14);
      }
      response.end();
    })();
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server, PATIENT_MS);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  test('is read to the end, however much longer than a silence may be it takes', async () => {
    const startedAt = performance.now();
    await expect(buffer(await store.get(newKey()))).resolves.toHaveLength(PIECES);
    expect(performance.now() - startedAt).toBeGreaterThan(2 * PATIENT_MS);
  }, 30_000);
});

describe('a bucket that refuses to delete some objects', () => {
  const [gone, denied, held] = [newKey(), newKey(), newKey()];
  const error = (key: string, code: string): string =>
    `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`;
  const server = http.createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(
        `<DeleteResult>${error(gone, 'NoSuchKey')}${error(denied, 'AccessDenied')}${error(held, 'ObjectLocked')}</DeleteResult>`,
      );
    });
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  test('tells which', async () => {
    const undeleted = await store.delete([newKey(), gone, denied, held]);
    expect(undeleted.map(({ key, cause }) => [key, String(cause)])).toEqual([
      [denied, 'Error: AccessDenied: no'],
      [held, 'Error: ObjectLocked: no'],
    ]);
  });
});

describe('a bucket with more unfinished uploads than one list tells of', () => {
  const [first, over, last] = [newKey(), newKey(), newKey()];
  const aborted: string[] = [];
  const upload = (key: string): string =>
    `<Upload><Key>${key}</Key><UploadId>of ${key}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>`;
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/xml');
    response.setHeader('last-modified', new Date().toUTCString());
    if (request.method === 'DELETE') {
      const key = pathname.slice('/documents/'.length);
      aborted.push(`${key} ${searchParams.get('uploadId')}`);
      response.writeHead(key === over ? 404 : 204);
      response.end(key === over ? '<Error><Code>NoSuchUpload</Code><Message>no</Message></Error>' : '');
      return;
    }
    const isNext =
      searchParams.get('key-marker') === over && searchParams.get('upload-id-marker') === `of ${over}`;
    response.end(
      isNext
        ? `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${upload(last)}</ListMultipartUploadsResult>`
        : `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>${over}</NextKeyMarker><NextUploadIdMarker>of ${over}</NextUploadIdMarker>${upload(first)}${upload(over)}</ListMultipartUploadsResult>`,
    );
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  test('lets go of all of them, also where one is over meanwhile', async () => {
    await store.removeUnfinished(new Date());
    expect(aborted).toEqual([first, over, last].map((key) => `${key} of ${key}`));
  });
});

describe('a bucket whose server begins large files and takes no part of them', () => {
  const server = http.createServer((request, response) => {
    request.resume().once('end', () => {
      const begins = request.method === 'POST' && request.url?.includes('uploads');
      response.writeHead(begins ? 200 : 400, { 'content-type': 'application/xml' });
      response.end(
        begins
          ? '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>'
          : '<Error><Code>RequestTimeout</Code><Message>no</Message></Error>',
      );
    });
  });
  let store: S3FileStore;
  beforeAll(async () => {
    store = await storeAt(server);
  });
  afterAll(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  const megabytes = function* (count: number): Generator<Buffer> {
    for (let i = 0; i < count; i++) yield Buffer.alloc(1024 * 1024);
  };

  test('is unavailable', async () => {
    await expect(store.put(Readable.from(megabytes(12)), Infinity)).rejects.toMatchObject(silent);
  }, 30_000);

  test('is not blamed for a source that breaks off', async () => {
    const broken = Readable.from(
      (function* () {
        yield* megabytes(2);
        throw new Error('hung up');
      })(),
    );
    await expect(store.put(broken, Infinity)).rejects.toThrow('hung up');
  });
});
