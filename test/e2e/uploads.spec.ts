import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { storedFiles, untilQuiet } from '../support/stored-files.js';

const text = (content: string, name = 'note.txt') => ({
  name,
  data: Buffer.from(content),
  type: 'text/plain',
});

describe('uploads', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({
      QUOTA_BYTES: '100kb',
      QUOTA_DOCUMENTS: '5',
      MAX_UPLOAD_BYTES: '60kb',
    });
  });
  afterAll(() => app?.close());

  const files = (): string[] => storedFiles(app);
  /** What the tests before have replaced or deleted may still be on its way out. */
  const filesAtRest = async (): Promise<string[]> => {
    await untilQuiet(app);
    return files();
  };
  const usage = async (browser: Browser): Promise<{ documents: number; bytes: number }> => {
    const [row] = await app.source.query<{ documents: string; bytes: string }[]>(
      'select documents, bytes from user_usage u join users on users.id = u.user_id where email = $1',
      [browser.account.email],
    );
    return { documents: Number(row?.documents ?? 0), bytes: Number(row?.bytes ?? 0) };
  };

  describe('the same content', () => {
    it('is answered with the document that has it', async () => {
      const user = await Browser.signedUp(app);
      const first = (await user.upload([text('once and only once')])).body.documents[0];
      expect(first.duplicate_of).toBeNull();
      const before = (await filesAtRest()).length;
      const again = await user.upload([text('once and only once', 'other name.txt')]);
      expect(again.status).toBe(202);
      expect(again.body.documents[0]).toMatchObject({ id: first.id, duplicate_of: first.id });
      expect(files()).toHaveLength(before);
      expect((await user.get('/documents')).body.items).toHaveLength(1);
    });

    it('is stored again where the client asks for it, is somebody else, or names a document', async () => {
      const user = await Browser.signedUp(app);
      const other = await Browser.signedUp(app);
      const first = (await user.upload([text('twice wanted')])).body.documents[0];
      const allowed = await user.upload([text('twice wanted')], { allow_duplicate: 'true' });
      const named = await user.upload([text('twice wanted')], { doc_id: 'mine' });
      const theirs = await other.upload([text('twice wanted')]);
      for (const answer of [allowed, named, theirs]) {
        expect(answer.body.documents[0].duplicate_of).toBeNull();
        expect(answer.body.documents[0].id).not.toBe(first.id);
      }
      const same = await user.upload([text('twice wanted')], { doc_id: 'mine' });
      expect(same.body.documents[0].duplicate_of).toBe(named.body.documents[0].id);
    });

    it('is not told to a key that may only write', async () => {
      const user = await Browser.signedUp(app);
      const secret = { doc_id: 'contract-with-north', metadata: '{"price":7}' };
      const known = (await user.upload([text('guessed')], secret)).body.documents[0];
      const { key } = (
        await user.post('/auth/api-keys', { body: { name: 'in', scopes: ['documents:write'] } })
      ).body;
      const answer = await app
        .http()
        .post('/documents')
        .set('Authorization', `Bearer ${key}`)
        .attach('file', text('guessed').data, 'guess.txt');
      expect(answer.status).toBe(202);
      expect(answer.body.documents[0].duplicate_of).toBeNull();
      expect(answer.body.documents[0].id).not.toBe(known.id);
      expect(answer.text).not.toContain('north');
    });

    it('of two requests that race becomes one document', async () => {
      const user = await Browser.signedUp(app);
      const answers = await Promise.all(Array.from({ length: 8 }, () => user.upload([text('a race')])));
      expect(answers.map((a) => a.status)).toEqual(Array(8).fill(202));
      expect(new Set(answers.map((a) => a.body.documents[0].id)).size).toBe(1);
      expect(answers.filter((a) => a.body.documents[0].duplicate_of === null)).toHaveLength(1);
      expect((await user.get('/documents')).body.items).toHaveLength(1);
    });

    it('is recognised among uploads that come at once, and each of them has its own answer', async () => {
      const user = await Browser.signedUp(app);
      const answers = await Promise.all([
        ...['pear', 'pear', 'plum', 'fig', 'fig'].map((content) => user.upload([text(content)])),
        ...['first', 'second'].map((content) => user.upload([text(content)], { doc_id: 'named' })),
      ]);
      expect(answers.map((a) => a.status)).toEqual(Array(7).fill(202));
      const accepted = answers.map((a) => a.body.documents[0]);
      const ids = accepted.map(({ id }) => id);
      expect(new Set(ids).size).toBe(4);
      expect([ids[0] === ids[1], ids[3] === ids[4], ids[5] === ids[6]]).toEqual([true, true, true]);
      expect(accepted.filter(({ duplicate_of }) => duplicate_of !== null)).toHaveLength(2);
      // The quota allows one more: what does not fit takes nothing with it that does.
      const more = await Promise.all(
        [
          ['lime', 'green'],
          ['first', 'named'],
          ['kiwi', 'brown'],
          ['second', 'named'],
        ].map(([content = '', doc_id = '']) => user.upload([text(content)], { doc_id })),
      );
      const refused = more.filter((a) => a.status !== 202);
      expect(refused.map((a) => a.body.code)).toEqual(['quota_exceeded']);
      expect(refused.every((a) => a === more[0] || a === more[2])).toBe(true);
      expect((await user.get('/documents')).body.items).toHaveLength(5);
      expect((await usage(user)).documents).toBe(5);
    });

    it('twice in one request is one document', async () => {
      const user = await Browser.signedUp(app);
      const { body } = await user.upload([text('echo'), text('echo', 'echo2.txt')]);
      expect(body.documents[1]).toMatchObject({
        id: body.documents[0].id,
        duplicate_of: body.documents[0].id,
      });
    });

    it('of a document that could not be read is read again', async () => {
      const user = await Browser.signedUp(app);
      const broken = { name: 'broken.pdf', data: Buffer.from('%PDF-1.7\nnothing') };
      const first = (await user.upload([broken])).body.documents[0];
      await user.settled(first.id);
      const again = (await user.upload([broken])).body.documents[0];
      expect(again).toMatchObject({ id: first.id, duplicate_of: first.id });
      expect((await user.settled(first.id)).status).toBe('failed');
      const attempts = await app.source.query<object[]>(
        'select read_attempt from document_versions where document_id = $1',
        [first.id],
      );
      expect(attempts).toEqual([{ read_attempt: 2 }]);
    });

    it('replaces its own document when its metadata differs', async () => {
      const user = await Browser.signedUp(app);
      await user.upload([text('tagged')], { doc_id: 'tag', metadata: '{"v":1}' });
      const { body } = await user.upload([text('tagged')], { doc_id: 'tag', metadata: '{"v":2}' });
      expect(body.documents[0].duplicate_of).toBeNull();
      expect((await user.settled(body.documents[0].id)).metadata).toEqual({ v: 2 });
    });
  });

  describe('limits', () => {
    it('refuse a file that is too large, and keep nothing of it', async () => {
      const user = await Browser.signedUp(app);
      const before = await filesAtRest();
      const refused = await user.upload([text('fits'), text('x'.repeat(61 * 1024))]);
      expect(refused.status).toBe(413);
      expect(refused.body.code).toBe('payload_too_large');
      expect(files()).toEqual(before);
      expect(await usage(user)).toEqual({ documents: 0, bytes: 0 });
    });

    it('say what is wrong with more files than a request may have, and with another field', async () => {
      const user = await Browser.signedUp(app);
      const before = await filesAtRest();
      const many = await user.upload(Array.from({ length: 101 }, (_, i) => text(`${i}`, `${i}.txt`)));
      expect([many.status, many.body.code, many.body.detail]).toEqual([
        400,
        'validation_failed',
        'At most 100 files in one request.',
      ]);
      const elsewhere = await app
        .http()
        .post('/documents')
        .set('Authorization', `Bearer ${user.token}`)
        .attach('files', Buffer.from('in another field'), 'a.txt');
      expect([elsewhere.status, elsewhere.body.detail]).toEqual([400, 'Send files in the field "file".']);
      expect(await filesAtRest()).toEqual(before);
    });

    it('refuse fields with brackets in their names, whatever length they ask for, and keep nothing', async () => {
      const user = await Browser.signedUp(app);
      const before = await filesAtRest();
      const big = text('x'.repeat(50 * 1024));
      for (const name of ['a[200000000]', 'a[4294967294]', 'a[b][c][d]', 'metadata[kind]', 'doc_id[]']) {
        // Behind the file: it is stored by then.
        const answer = await app
          .http()
          .post('/documents')
          .set('Authorization', `Bearer ${user.token}`)
          .attach('file', big.data, big.name)
          .field(name, 'x');
        expect([name, answer.status, answer.body.code]).toEqual([name, 400, 'validation_failed']);
        expect(answer.body.detail).toContain('brackets');
        expect(files()).toEqual(before);
      }
      // What was refused counts against nobody.
      expect((await user.upload([big])).status).toBe(202);
    });

    it('let requests that race have no more documents than the quota, whichever route they take', async () => {
      const user = await Browser.signedUp(app);
      const before = (await filesAtRest()).length;
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          i % 2
            ? user.upload([text(`file number ${i}`)])
            : user.post('/rag/add_document', {
                body: { doc_id: `t${i}`, text: `text number ${i}`, wait_ms: 0 },
              }),
        ),
      );
      const accepted = answers.filter((a) => a.status < 300);
      expect(accepted).toHaveLength(5);
      for (const refused of answers.filter((a) => a.status >= 300))
        expect([refused.status, refused.body.code]).toEqual([413, 'quota_exceeded']);
      expect((await user.get('/documents')).body.items).toHaveLength(5);
      expect(files()).toHaveLength(before + accepted.filter((a) => a.status === 202).length);
      expect((await usage(user)).documents).toBe(5);
    });

    it('let requests that race have no more bytes than the quota', async () => {
      const user = await Browser.signedUp(app);
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, i) => user.upload([text(String(i).repeat(40 * 1024))])),
      );
      expect(answers.map((a) => a.status).toSorted((a, b) => a - b)).toEqual([202, 202, 413, 413]);
      expect(await usage(user)).toEqual({ documents: 2, bytes: 80 * 1024 });
    });

    it('give room back when a document is deleted, and count a replaced one once', async () => {
      const user = await Browser.signedUp(app);
      const big = (mark: string) => user.upload([text(mark.repeat(55 * 1024))], { doc_id: mark });
      const a = (await big('a')).body.documents[0];
      expect((await big('b')).status).toBe(413);
      const replaced = await user.upload([text('c'.repeat(58 * 1024))], { doc_id: 'a' });
      expect(replaced.status).toBe(202);
      expect(await usage(user)).toEqual({ documents: 1, bytes: 58 * 1024 });
      await user.delete(`/documents/${a.id}`);
      expect(await usage(user)).toEqual({ documents: 0, bytes: 0 });
      expect((await big('b')).status).toBe(202);
    });

    it('agree with what is stored, whatever was done', async () => {
      const rows = await app.source.query<unknown[]>(
        `select u.user_id from user_usage u left join (
           select d.created_by, count(*) as documents, sum(v.byte_size) as bytes,
                  count(*) filter (where d.status in ('queued', 'extracting')) as waiting
           from documents d join document_versions v on v.id = d.latest_version_id
           where d.deleted_at is null group by 1) real on real.created_by = u.user_id
         where u.documents <> coalesce(real.documents, 0) or u.bytes <> coalesce(real.bytes, 0)
            or u.waiting <> coalesce(real.waiting, 0)`,
      );
      expect(rows).toEqual([]);
    });
  });

  describe('uploads that are left open', () => {
    const begin = async (user: Browser, bytes: number): Promise<{ socket: net.Socket; answer(): string }> => {
      const { port } = app.app.getHttpServer().address() as net.AddressInfo;
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('error', () => undefined);
      socket.write(
        [
          'POST /documents HTTP/1.1',
          'Host: localhost',
          `Authorization: Bearer ${user.token}`,
          'Content-Type: multipart/form-data; boundary=cut',
          'Content-Length: 90000',
          '',
          '--cut',
          'Content-Disposition: form-data; name="file"; filename="open.txt"',
          '',
          'x'.repeat(bytes),
        ].join('\r\n'),
      );
      return { socket, answer: () => answer };
    };
    const until = async (holds: () => boolean): Promise<void> => {
      for (const end = Date.now() + 30_000; !holds() && Date.now() < end;) await sleep(20);
      expect(holds()).toBe(true);
    };

    it('take no more of the disk together than their user may keep, and give it back', async () => {
      const user = await Browser.signedUp(app);
      const other = await Browser.signedUp(app);
      const before = files();
      const first = await begin(user, 45_000);
      await until(() => files().length === before.length + 1);
      const second = await begin(user, 45_000);
      await until(() => files().length === before.length + 2);
      const third = await begin(user, 45_000);
      await until(() => third.answer().includes('quota_exceeded'));
      expect(third.answer()).toMatch(/^HTTP\/1.1 413 /);
      expect((await other.upload([text('y'.repeat(50_000))])).status).toBe(202);
      for (const { socket } of [first, second, third]) socket.destroy();
      await until(() => files().length === before.length + 1);
      // The room is given back a moment after the bytes are gone.
      let status = 413;
      for (const end = Date.now() + 30_000; status === 413 && Date.now() < end; await sleep(20))
        ({ status } = await user.upload([text('z'.repeat(50_000))]));
      expect(status).toBe(202);
    });
  });

  describe('a connection that breaks off', () => {
    const form = (token: string, length: number): string =>
      [
        'POST /documents HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${token}`,
        'Content-Type: multipart/form-data; boundary=cut',
        `Content-Length: ${length}`,
        '',
        '--cut',
        'Content-Disposition: form-data; name="file"; filename="half.txt"',
        '',
        '',
      ].join('\r\n');
    const open = async (): Promise<net.Socket> => {
      const { port } = app.app.getHttpServer().address() as net.AddressInfo;
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };

    it('leaves neither file nor document', async () => {
      const user = await Browser.signedUp(app);
      const before = await filesAtRest();
      const socket = await open();
      socket.write(form(user.token ?? '', 50_000) + 'x'.repeat(20_000));
      for (const until = Date.now() + 120_000; files().length === before.length && Date.now() < until;)
        await sleep(20);
      expect(files().length).toBe(before.length + 1);
      socket.destroy();
      for (const until = Date.now() + 120_000; files().length > before.length && Date.now() < until;)
        await sleep(20);
      expect(files()).toEqual(before);
      expect((await user.get('/documents')).body.items).toEqual([]);
    });

    it.each([
      ['says that it is too long', 10_000_000, ''],
      ['turns out to be too long', 100_000, 'x'.repeat(70_000)],
    ])('is what a client gets that %s, with the answer first', async (_title, length, sent) => {
      const user = await Browser.signedUp(app);
      const before = await filesAtRest();
      const socket = await open();
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.write(form(user.token ?? '', length) + sent);
      await closed;
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
      expect(answer).toContain('payload_too_large');
      expect(files()).toEqual(before);
    });
  });
});

describe('a body that does not come', () => {
  it('is given up, with all that it held; one that is slow is taken', async () => {
    const app = await startTestApp({ BODY_TIMEOUT: '5s' });
    try {
      const user = await Browser.signedUp(app);
      await user.upload([text('makes the folder')]);
      const count = (): number => storedFiles(app).length;
      const before = count();
      const { port } = app.app.getHttpServer().address() as net.AddressInfo;
      const open = async (): Promise<net.Socket> => {
        const socket = net.connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.on('error', () => undefined);
        socket.write(
          [
            'POST /documents HTTP/1.1',
            'Host: localhost',
            'Connection: close',
            `Authorization: Bearer ${user.token}`,
            'Content-Type: multipart/form-data; boundary=cut',
            'Transfer-Encoding: chunked',
            '',
            '',
          ].join('\r\n'),
        );
        return socket;
      };
      // Not `once` of events: who sends at the moment of the end sees a reset, and that is an end as well.
      const closing = (socket: net.Socket): Promise<void> =>
        new Promise((resolve) => socket.once('close', () => resolve()));
      const send = (socket: net.Socket, part: string) =>
        socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
      const head = '--cut\r\nContent-Disposition: form-data; name="file"; filename="slow.txt"\r\n\r\n';

      const silent = await open();
      const silentClosed = closing(silent);
      send(silent, `${head}${'x'.repeat(5000)}`);
      for (const end = Date.now() + 120_000; count() === before && Date.now() < end;) await sleep(20);
      const trickling = await open();
      const tricklingClosed = closing(trickling);
      send(trickling, head);
      const drip = setInterval(() => trickling.writable && send(trickling, 'x'), 200);

      const slow = await open();
      let answer = '';
      slow.on('data', (data) => (answer += data.toString()));
      const slowClosed = closing(slow);
      send(slow, head);
      for (let i = 0; i < 14; i++) {
        send(slow, `${i} `.repeat(2000));
        await sleep(500);
      }
      send(slow, '\r\n--cut--\r\n');
      slow.write('0\r\n\r\n');
      await Promise.all([slowClosed, silentClosed, tricklingClosed]);
      clearInterval(drip);
      expect(answer).toMatch(/^HTTP\/1.1 202 /);
      for (const end = Date.now() + 120_000; count() > before + 1 && Date.now() < end;) await sleep(20);
      expect(count()).toBe(before + 1);
    } finally {
      await app.close();
    }
  });
});

describe('files of one request that come hours apart', () => {
  it('are refused: the first may be taken for an orphan by then', async () => {
    const app = await startTestApp({ RECONCILE_GRACE: '5s' });
    try {
      const user = await Browser.signedUp(app);
      await user.upload([text('makes the folder')]);
      const count = (): number => storedFiles(app).length;
      const before = count();
      const { port } = app.app.getHttpServer().address() as net.AddressInfo;
      const socket = net.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      const closed = once(socket, 'close');
      const part = (name: string): string =>
        `--cut\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\ncontent of ${name}\r\n`;
      const [first, rest] = [`${part('a.txt')}--cut`, `${part('b.txt').slice('--cut'.length)}--cut--\r\n`];
      socket.write(
        [
          'POST /documents HTTP/1.1',
          'Host: localhost',
          'Connection: close',
          `Authorization: Bearer ${user.token}`,
          'Content-Type: multipart/form-data; boundary=cut',
          `Content-Length: ${first.length + rest.length}`,
          '',
          first,
        ].join('\r\n'),
      );
      for (const end = Date.now() + 30_000; count() === before && Date.now() < end;) await sleep(20);
      await sleep(3500);
      socket.write(rest);
      await closed;
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
      expect(answer).toContain('took too long');
      for (const end = Date.now() + 30_000; count() > before && Date.now() < end;) await sleep(20);
      expect(count()).toBe(before);
    } finally {
      await app.close();
    }
  });
});

describe('a server without room', () => {
  it('answers 507 to files and texts and keeps answering everything else', async () => {
    const app = await startTestApp({ MIN_FREE_BYTES: '1000tb' });
    try {
      const user = await Browser.signedUp(app);
      const upload = await user.upload([text('no room')]);
      const added = await user.post('/rag/add_document', { body: { doc_id: 'x', text: 'no room' } });
      for (const answer of [upload, added])
        expect([answer.status, answer.body.code]).toEqual([507, 'insufficient_storage']);
      expect((await user.get('/documents')).body.items).toEqual([]);
    } finally {
      await app.close();
    }
  });

  it('answers 429 when too many files of one user wait, and not to others', async () => {
    const app = await startTestApp({ MAX_QUEUED_DOCUMENTS: '3' });
    try {
      const user = await Browser.signedUp(app);
      const other = await Browser.signedUp(app);
      const many = Array.from({ length: 5 }, (_, i) => text(`waiting ${i}`));
      const refused = await user.upload(many);
      expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await user.get('/documents')).body.items).toEqual([]);
      expect((await user.upload(many.slice(0, 3))).status).toBe(202);
      expect((await other.upload(many.slice(0, 3))).status).toBe(202);
    } finally {
      await app.close();
    }
  });
});
