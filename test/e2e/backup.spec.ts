import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

const folders: string[] = [];
const scratch = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'backup-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

async function command(
  name: 'backup' | 'restore',
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number | string; output: string }> {
  const run = runNode(`dist/cli/${name}.js`, args, env);
  return { code: await run.ended, output: run.output() };
}

/** A restored server with the accounts of the one before. */
async function restored(archive: string, env: Record<string, string> = {}): Promise<TestApp> {
  const dataDir = path.join(scratch(), 'data');
  const done = await command('restore', [archive], { DATA_DIR: dataDir });
  expect(done).toEqual({ code: 0, output: expect.stringContaining('is restored into') });
  return startTestApp({ ...env, DATA_DIR: dataDir });
}

async function gaps(app: TestApp, account: TestApp['admin']): Promise<Record<string, number>> {
  const admin = await new Browser(app, account).signedIn();
  const { body } = await admin.post('/admin/index/reconcile', { body: { dry_run: true } });
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200)) {
    const { body: row } = await admin.get(`/admin/index/reconcile/${body.id}`);
    if (row.status !== 'done') continue;
    return Object.fromEntries(
      ['missing_files', 'missing_vectors', 'stray_versions', 'wrong_usage', 'orphan_vectors'].map((name) => [
        name,
        row.report[name].found,
      ]),
    );
  }
  throw new Error('the comparison does not come to an end');
}
const NO_GAPS = {
  missing_files: 0,
  missing_vectors: 0,
  stray_versions: 0,
  wrong_usage: 0,
  orphan_vectors: 0,
};

describe('a backup of a running server', () => {
  let app: TestApp;
  let user: Browser;
  let archive: string;
  const kept: { id: string; text: string }[] = [];
  const dataDir = newDataDir();

  beforeAll(async () => {
    app = await startTestApp({ DATA_DIR: dataDir });
    user = await Browser.signedUp(app);
    for (let i = 0; i < 12; i++) {
      const text = `The lighthouse keeper number ${i} writes ${randomBytes(8).toString('hex')}.`;
      const { body } = await user.upload([{ name: `keeper-${i}.txt`, data: Buffer.from(text) }]);
      kept.push({ id: body.documents[0].id, text });
    }
  });
  afterAll(async () => {
    await app?.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  it('is made while documents come and go', async () => {
    archive = path.join(scratch(), 'backup.tar.gz');
    // Of desktops, editors and network file systems; in an archive they would be refused.
    for (const stray of ['secrets/.DS_Store', 'secrets/jwt-secret~', 'postgres/base/.nfs00000001'])
      fs.writeFileSync(path.join(dataDir, stray), 'stray');
    const stop = new AbortController();
    let requests = 0;
    const writers = [0, 1, 2].map(async (writer) => {
      for (let i = 0; !stop.signal.aborted; i++) {
        const name = `w${writer}-${i}`;
        const sent = await user.upload([{ name: `${name}.txt`, data: Buffer.from(`busy ${name}`) }]);
        expect(sent.status).toBe(202);
        const text = await user.post('/rag/add_document', {
          body: { doc_id: name, text: `text ${name}`, wait_ms: 0 },
        });
        expect(text.status).toBe(200);
        if (i % 2 === 0)
          expect((await user.delete(`/documents/${sent.body.documents[0].id}`)).status).toBe(202);
        requests += 2;
      }
    });
    // One after the other, so that documents are removed while their files are copied.
    const first = await command('backup', [path.join(scratch(), 'first.tar.gz')], { DATA_DIR: dataDir });
    const done = await command('backup', [archive], { DATA_DIR: dataDir });
    stop.abort();
    await Promise.all(writers);
    expect(first.code).toBe(0);
    expect(done).toEqual({ code: 0, output: expect.stringContaining('database, secrets and') });
    expect(requests).toBeGreaterThan(5);
    expect(fs.statSync(archive).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(archive))).toEqual(['backup.tar.gz']);
    expect(fs.existsSync(path.join(dataDir, 'files', 'removed'))).toBe(false);
    expect(fs.existsSync(path.join(dataDir, 'backup.lock'))).toBe(false);
  });

  it('is never written over something', async () => {
    const before = fs.readFileSync(archive);
    const again = await command('backup', [archive], { DATA_DIR: dataDir });
    expect(again).toEqual({ code: 1, output: `no backup was made: ${archive} is there already\n` });
    expect(fs.readFileSync(archive).equals(before)).toBe(true);
  });

  it('holds all that was acknowledged before it, and nothing half', async () => {
    const other = await restored(archive);
    try {
      expect(await gaps(other, app.admin)).toEqual(NO_GAPS);
      // Passwords, and the secrets that sign tokens, are the same.
      const signedIn = new Browser(other, user.account);
      signedIn.token = user.token;
      expect((await signedIn.me()).status).toBe(200);
      const same = await new Browser(other, user.account).signedIn();
      for (const { id, text } of kept) {
        expect(await same.settled(id)).toMatchObject({ status: 'ready' });
        expect((await same.get(`/documents/${id}/content`)).text).toBe(text);
      }
      const { body } = await same.post('/rag/rag_query', {
        body: { query: 'lighthouse keeper', n_results: 12 },
      });
      expect(new Set(body.results.map((hit: { document_id: string }) => hit.document_id))).toEqual(
        new Set(kept.map(({ id }) => id)),
      );
      const { body: page } = await same.get('/documents?limit=100');
      for (const { id } of page.items) {
        expect(await same.settled(id)).toMatchObject({ status: 'ready' });
        expect((await same.get(`/documents/${id}/content`)).status).toBe(200);
      }
      expect(await gaps(other, app.admin)).toEqual(NO_GAPS);
    } finally {
      await other.close();
    }
  });

  it('follows one that was killed', async () => {
    await app.source.query("select pg_backup_start('killed', true)");
    fs.mkdirSync(path.join(dataDir, 'files', 'removed'));
    const target = path.join(scratch(), 'after.tar.gz');
    expect((await command('backup', [target], { DATA_DIR: dataDir })).code).toBe(0);
    expect((await command('restore', [target, '--check'], {})).output).toMatch(/is whole\n$/);
  });

  it('is not made without the files of documents', async () => {
    const files = path.join(dataDir, 'files');
    fs.renameSync(files, `${files}.away`);
    try {
      const target = path.join(scratch(), 'without.tar.gz');
      const refused = await command('backup', [target], { DATA_DIR: dataDir });
      expect(refused).toEqual({ code: 1, output: expect.stringContaining('is its disk mounted?') });
      expect(fs.existsSync(files) || fs.existsSync(target)).toBe(false);
    } finally {
      fs.renameSync(`${files}.away`, files);
    }
  });

  it('leaves nothing when it is interrupted', async () => {
    const target = path.join(scratch(), 'interrupted.tar.gz');
    const run = runNode('dist/cli/backup.js', [target], { DATA_DIR: dataDir });
    await run.printed(/backing up/);
    run.signal('SIGTERM');
    const code = await run.ended;
    // It may just have come to its end.
    if (code !== 0) {
      expect(code).toBe(130);
      expect(fs.readdirSync(path.dirname(target))).toEqual([]);
    }
    expect((await command('backup', [target], { DATA_DIR: dataDir })).code).toBe(code === 0 ? 1 : 0);
  });

  it('says in one line that the disk is full, and leaves nothing', async () => {
    const folder = scratch();
    const target = path.join(folder, 'backup.tar.gz');
    // A limit for files stands for the end of the disk: the archive passes it within its first files.
    const script = `trap '' XFSZ; ulimit -f 64; exec "$0" dist/cli/backup.js "$1"`;
    const child = spawn('bash', ['-c', script, process.execPath, target], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [[code], said] = await Promise.all([once(child, 'close'), textOf(child.stderr)]);
    expect(said).toMatch(/no backup was made: EFBIG[^\n]*\n$/);
    expect(said).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is not restored over a server, nor over anything else', async () => {
    const over = await command('restore', [archive], { DATA_DIR: dataDir });
    expect(over).toEqual({
      code: 1,
      output: expect.stringMatching(/^nothing was restored: .* is in use by process \d+ on .*\n$/),
    });
    const filled = scratch();
    for (const name of ['files', 'compiled', 'models']) fs.mkdirSync(path.join(filled, name));
    const refused = await command('restore', [archive], { DATA_DIR: filled });
    expect(refused).toEqual({ code: 1, output: expect.stringContaining('is not empty (files)') });
    expect(fs.readdirSync(filled)).toEqual(['compiled', 'files', 'models']);
    const server = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', DATA_DIR: scratch() };
    expect((await command('restore', [archive], server)).output).toContain('use pg_restore');
    expect((await command('backup', [], server)).output).toContain('pg_dump');
  });

  it('is refused when it is damaged, and leaves nothing behind', async () => {
    const whole = fs.readFileSync(archive);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 0x55, whole.length >> 1);
    const cases = {
      flipped,
      cut: whole.subarray(0, whole.length - 2000),
      short: whole.subarray(0, 100),
      empty: Buffer.alloc(0),
      other: Buffer.from('this is no archive at all, whatever its name says'),
    };
    for (const [name, bytes] of Object.entries(cases)) {
      const file = path.join(scratch(), `${name}.tar.gz`);
      fs.writeFileSync(file, bytes);
      const target = scratch();
      const refused = await command('restore', [file], { DATA_DIR: target });
      expect({ name, ...refused }).toEqual({
        name,
        code: 1,
        output: expect.stringMatching(/^(restoring.*\n)*nothing was restored: .* cannot be used: .*\n$/),
      });
      expect(fs.readdirSync(target)).toEqual([]);
    }
  });

  it('is not taken for whole when its restore was cut short', async () => {
    const target = scratch();
    fs.mkdirSync(path.join(target, 'restore.partial', 'postgres'), { recursive: true });
    fs.mkdirSync(path.join(target, 'files'));
    fs.writeFileSync(path.join(target, 'files', 'left-over'), '');
    await expect(startTestApp({ DATA_DIR: target })).rejects.toThrow(/restore .* did not come to its end/);
    expect((await command('restore', [archive], { DATA_DIR: target })).code).toBe(0);
    expect(fs.existsSync(path.join(target, 'files', 'left-over'))).toBe(false);
    const other = await startTestApp({ DATA_DIR: target });
    try {
      await new Browser(other, user.account).signedIn();
    } finally {
      await other.close();
    }
  });
});

describe('an archive from a stranger', () => {
  type Entry = {
    name: string;
    type?: 'file' | 'directory' | 'symlink' | 'link';
    linkname?: string;
    content?: string;
  };
  const HEAD = {
    name: 'backup.json',
    content: JSON.stringify({
      product: 'ai-backend',
      format: 1,
      version: '0.0.0',
      created_at: '2026-01-01T00:00:00Z',
      migration: null,
      files: 'included',
      secrets_from_environment: [],
    }),
  };
  async function archiveOf(entries: Entry[]): Promise<string> {
    const tar = pack();
    for (const { content = '', ...header } of entries) tar.entry({ type: 'file', ...header }, content);
    tar.finalize();
    const parts: Buffer[] = [];
    for await (const part of tar as AsyncIterable<Buffer>) parts.push(part);
    const file = path.join(scratch(), 'stranger.tar.gz');
    fs.writeFileSync(file, gzipSync(Buffer.concat(parts)));
    return file;
  }

  it.each<[string, Entry[], RegExp]>([
    ['a path out of it', [HEAD, { name: 'files/../../evil', content: 'x' }], /no backup has/],
    ['an absolute path', [HEAD, { name: '/tmp/evil', content: 'x' }], /no backup has/],
    ['a path beside its parts', [HEAD, { name: 'lock', content: 'x' }], /no backup has/],
    ['a hidden file', [HEAD, { name: 'files/.evil', content: 'x' }], /no backup has/],
    [
      'a symbolic link',
      [HEAD, { name: 'files/aa', type: 'symlink', linkname: '/etc' }],
      /neither file nor folder/,
    ],
    [
      'a hard link',
      [HEAD, { name: 'files/aa', type: 'link', linkname: '/etc/passwd' }],
      /neither file nor folder/,
    ],
    ['a name twice', [HEAD, { name: 'files/aa', content: 'x' }, { name: 'files/aa', content: 'y' }], /twice/],
    [
      'a folder for a file',
      [HEAD, { name: 'files/aa', content: 'x' }, { name: 'files/aa/b', content: 'y' }],
      /./,
    ],
    ['no head', [{ name: 'files/aa', content: 'x' }], /no backup of this software/],
    ['no end', [HEAD, { name: 'files/aa', content: 'x' }], /its end is missing/],
    [
      'a wrong end',
      [HEAD, { name: 'backup-end.json', content: '{"entries":1,"bytes":1,"sha256":""}' }],
      /what its end says/,
    ],
    ['a later format', [{ ...HEAD, content: HEAD.content.replace('"format":1', '"format":2') }], /format 2/],
    [
      'a later schema',
      [{ ...HEAD, content: HEAD.content.replace('null', '"Later20990101000000"') }],
      /does not know/,
    ],
  ])('is refused with %s', async (_what, entries, reason) => {
    const target = scratch();
    const refused = await command('restore', [await archiveOf(entries)], {
      DATA_DIR: path.join(target, 'data'),
    });
    expect(refused).toEqual({ code: 1, output: expect.stringMatching(reason) });
    expect(refused.output.trimEnd().split('\n').at(-1)).toMatch(/^nothing was restored: /);
    expect(fs.readdirSync(target, { recursive: true })).toEqual(['data']);
  });
});

describeWithShared('a backup of a server that is stopped', ['models/all-MiniLM-L6-v2'], () => {
  it('has the vectors, and the server finds by meaning', async () => {
    const dataDir = newDataDir();
    folders.push(dataDir);
    const models = { MODELS_DIR: path.join(sharedDir, 'models') };
    const app = await startTestApp({ ...models, DATA_DIR: dataDir });
    const user = await Browser.signedUp(app);
    await user.post('/rag/add_document', { body: { doc_id: 'cat', text: 'The cat sleeps on the sofa.' } });
    const { body } = await user.post('/rag/add_document', {
      body: { doc_id: 'ship', text: 'The vessel left the harbour at dawn.' },
    });
    const state = async (): Promise<string> =>
      (await user.get(`/documents/${body.document_id}`)).body.indexed;
    for (const until = Date.now() + 120_000; (await state()) !== 'full' && Date.now() < until;)
      await sleep(200);
    expect(await state()).toBe('full');
    await app.close();
    const archive = path.join(scratch(), 'stopped.tar.gz');
    expect((await command('backup', [archive], { DATA_DIR: dataDir })).code).toBe(0);
    const other = await restored(archive, models);
    try {
      const same = await new Browser(other, user.account).signedIn();
      expect((await same.get(`/documents/${body.document_id}`)).body).toMatchObject({
        status: 'ready',
        indexed: 'full',
      });
      const ask = () =>
        same.post('/rag/rag_query', { body: { query: 'a boat goes to sea', mode: 'dense', n_results: 1 } });
      let found = await ask();
      // The encoder is loaded meanwhile.
      for (
        const until = Date.now() + 120_000;
        found.status === 503 && Date.now() < until;
        found = await ask()
      )
        await sleep(200);
      expect(found.body.results[0].id).toBe('ship');
      expect(await gaps(other, app.admin)).toEqual(NO_GAPS);
    } finally {
      await other.close();
    }
  });
});
