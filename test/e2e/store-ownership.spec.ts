import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';
import { reconcile } from '../support/reconcile.js';
import { motoBinary, S3_CREDENTIALS, S3_MISSING, startS3, type S3Server } from '../support/s3.js';
import { storedFiles } from '../support/stored-files.js';

const WAIT_MS = 120_000;
const REFUSED = [503, 'file_store_unavailable'];

const folders: string[] = [];
const folder = (): string => {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'ownership-'));
  folders.push(made);
  return made;
};
const running: TestApp[] = [];
const start = async (env: Record<string, string>): Promise<TestApp> => {
  const app = await startTestApp(env);
  running.push(app);
  return app;
};
const stop = async (app: TestApp): Promise<void> => {
  running.splice(running.indexOf(app), 1);
  await app.close();
};
afterEach(async () => {
  while (running[0]) await stop(running[0]);
});
afterAll(() => {
  for (const made of folders) fs.rmSync(made, { recursive: true, force: true });
});

async function command(name: string, args: string[], env: Record<string, string>): Promise<string> {
  const run = runNode(`dist/cli/${name}.js`, args, env);
  expect([await run.ended, run.output()]).toEqual([0, expect.any(String)]);
  return run.output();
}

const upload = (user: Browser, text: string) =>
  user.upload([{ name: 'note.txt', data: Buffer.from(text) }], { doc_id: text });

async function keep(user: Browser, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) {
    const { body } = await upload(user, text);
    ids.push((await user.settled(body.documents[0].id)).id);
  }
  return ids;
}

const refusal = async (answer: Promise<{ status: number; body: { code: string } }>): Promise<unknown[]> => {
  const { status, body } = await answer;
  return [status, body.code];
};

/** What administrators see of the files, once it is so. */
async function filesAre(app: TestApp, account: TestApp['admin'], status: string): Promise<string | null> {
  const admin = await new Browser(app, account).signedIn();
  for (const until = performance.now() + WAIT_MS; ; await sleep(100)) {
    const { files } = (await admin.get('/health/ready')).body.parts;
    if (files.status === status) return files.detail;
    if (performance.now() > until) throw new Error(`the files are ${JSON.stringify(files)}`);
  }
}

const TEXTS = ['oak', 'elm', 'ash', 'yew'];

describe('a folder of files', () => {
  let dataDir: string;
  let app: TestApp;
  let user: Browser;
  let ids: string[];
  const files = (): string => path.join(dataDir, 'files');
  const mark = (): string => path.join(files(), '.installation');

  beforeEach(async () => {
    dataDir = newDataDir();
    folders.push(dataDir);
    app = await start({ DATA_DIR: dataDir });
    user = await Browser.signedUp(app);
    ids = await keep(user, TEXTS);
  });

  it('keeps all that it holds before a database that is new, until that one is given it', async () => {
    const kept = storedFiles(app);
    expect(kept).toHaveLength(TEXTS.length);
    await stop(app);
    fs.renameSync(path.join(dataDir, 'postgres'), path.join(folder(), 'postgres'));
    app = await start({ DATA_DIR: dataDir });
    const admin = await new Browser(app, app.admin).signedIn();
    expect(await reconcile(admin, { dry_run: false })).toMatchObject({
      orphan_files: { found: TEXTS.length, mended: 0 },
    });
    expect(storedFiles(app)).toEqual(kept);
    expect(await filesAre(app, app.admin, 'degraded')).toContain('marked as the store of another database');
    expect(await refusal(upload(admin, 'fir'))).toEqual(REFUSED);

    const before = await command('adopt-files', ['--check'], { DATA_DIR: dataDir });
    expect(before).toContain(`holds ${TEXTS.length} files, and the database knows 0 of them`);
    expect(await filesAre(app, app.admin, 'degraded')).not.toBeNull();
    await command('adopt-files', [], { DATA_DIR: dataDir });
    await filesAre(app, app.admin, 'up');
    expect(await reconcile(admin, { dry_run: false })).toMatchObject({
      orphan_files: { found: TEXTS.length, mended: TEXTS.length },
    });
    expect(storedFiles(app)).toEqual([]);
    expect((await upload(admin, 'fir')).status).toBe(202);
  });

  it('keeps all that it holds before a new database where it has no mark', async () => {
    const kept = storedFiles(app);
    await stop(app);
    fs.rmSync(mark());
    const other = folder();
    fs.symlinkSync(files(), path.join(other, 'files'));
    app = await start({ DATA_DIR: other });
    const admin = await new Browser(app, app.admin).signedIn();
    expect(await reconcile(admin, { dry_run: false })).toMatchObject({ orphan_files: { mended: 0 } });
    expect(fs.existsSync(mark())).toBe(false);
    expect(kept.every((name) => fs.existsSync(path.join(files(), name.slice(0, 2), name)))).toBe(true);
    expect(await filesAre(app, app.admin, 'degraded')).toContain('the database knows none');
    expect(await refusal(upload(admin, 'fir'))).toEqual(REFUSED);
  });

  it('is known again by one of its files where an earlier version left no mark', async () => {
    const owner = fs.readFileSync(mark(), 'utf8');
    const { account } = user;
    await stop(app);
    fs.rmSync(mark());
    app = await start({ DATA_DIR: dataDir });
    user = await new Browser(app, account).signedIn();
    expect(fs.readFileSync(mark(), 'utf8')).toBe(owner);
    expect((await upload(user, 'fir')).status).toBe(202);
  });

  it('takes nothing while its disk is not mounted, and all when it is', async () => {
    const { admin } = app;
    const { account } = user;
    await stop(app);
    fs.renameSync(files(), `${files()}.disk`);
    app = await start({ DATA_DIR: dataDir });
    user = await new Browser(app, account).signedIn();
    expect(await filesAre(app, admin, 'degraded')).toContain('none of the files that the database knows');
    expect(await refusal(upload(user, 'fir'))).toEqual(REFUSED);
    // Not that there is none: whoever believed it would give up the document.
    expect(await refusal(user.get(`/documents/${ids[0]}/content`))).toEqual(REFUSED);
    expect(storedFiles(app)).toEqual([]);

    fs.rmSync(files(), { recursive: true });
    fs.renameSync(`${files()}.disk`, files());
    await filesAre(app, admin, 'up');
    expect((await user.get(`/documents/${ids[0]}/content`)).text).toBe(TEXTS[0]);
    expect((await upload(user, 'fir')).status).toBe(202);
  });

  it('keeps the file of a document that is deleted meanwhile, and gives it up once it is adopted', async () => {
    const kept = storedFiles(app);
    fs.writeFileSync(mark(), randomUUID());
    expect((await user.delete(`/documents/${ids[0]}`)).status).toBe(202);
    const waiting = async (): Promise<number> => {
      const [row] = await app.source.query<{ n: number }[]>(
        'select count(*)::int as n from removable_versions',
      );
      return row?.n ?? 0;
    };
    const until = async (isSo: () => Promise<boolean>): Promise<void> => {
      for (const end = performance.now() + WAIT_MS; !(await isSo()); await sleep(50))
        if (performance.now() > end) throw new Error('it does not come to that');
    };
    await until(async () => (await waiting()) === 1);
    await filesAre(app, app.admin, 'degraded');
    const admin = await new Browser(app, app.admin).signedIn();
    await reconcile(admin, { dry_run: false });
    expect([await waiting(), storedFiles(app)]).toEqual([1, kept]);

    await command('adopt-files', [], { DATA_DIR: dataDir });
    await filesAre(app, app.admin, 'up');
    // What could not be removed is left alone for a while.
    await app.source.query(
      'update removable_versions set put_off_until = now() where put_off_until is not null',
    );
    expect((await user.delete(`/documents/${ids[1]}`)).status).toBe(202);
    await until(async () => (await waiting()) === 0 && storedFiles(app).length === TEXTS.length - 2);
  });
});

const binary = motoBinary();
if (!binary) {
  if (process.env['REQUIRE_SHARED'] === '1') throw new Error(S3_MISSING);
  console.warn(`skipped: ${S3_MISSING}`);
}

(binary ? describe : describe.skip)('a bucket of files', () => {
  let server: S3Server;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startS3(binary ?? '');
    env = {
      S3_BUCKET: server.bucket,
      S3_ENDPOINT: server.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      S3_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
    };
  });
  afterAll(() => server?.stop());

  it('loses nothing to a new server, nor to a backup that is restored beside the one it belongs to', async () => {
    const dataDir = newDataDir();
    folders.push(dataDir);
    let app = await start({ ...env, DATA_DIR: dataDir });
    let user = await Browser.signedUp(app);
    const { account } = user;
    const early = await keep(user, TEXTS.slice(0, 2));
    const archive = path.join(folder(), 'backup.tar.gz');
    await command('backup', [archive], { ...env, DATA_DIR: dataDir });
    const late = await keep(user, TEXTS.slice(2));
    await stop(app);

    const contents = async (documents: readonly string[]): Promise<string[]> =>
      Promise.all(documents.map(async (id) => (await user.get(`/documents/${id}/content`)).text));

    app = await start({ ...env, DATA_DIR: folder() });
    let admin = await new Browser(app, app.admin).signedIn();
    expect(await reconcile(admin, { dry_run: false })).toMatchObject({
      orphan_files: { found: TEXTS.length, mended: 0 },
    });
    expect(await refusal(upload(admin, 'fir'))).toEqual(REFUSED);
    await stop(app);

    const copyDir = path.join(folder(), 'data');
    expect(await command('restore', [archive], { ...env, DATA_DIR: copyDir })).toContain('files:adopt');
    const copy = { ...env, DATA_DIR: copyDir };
    app = await start(copy);
    user = await new Browser(app, account).signedIn();
    expect(await contents(early)).toEqual(TEXTS.slice(0, 2));
    expect(await refusal(upload(user, 'fir'))).toEqual(REFUSED);
    await stop(app);

    app = await start({ ...env, DATA_DIR: dataDir });
    user = await new Browser(app, account).signedIn();
    expect(await contents([...early, ...late])).toEqual(TEXTS);
    expect((await upload(user, 'fir')).status).toBe(202);
    await stop(app);

    // For good: the one that it was made from is gone.
    const adopted = await command('adopt-files', [], copy);
    expect(adopted).toContain('holds 5 files, and the database knows 2 of them');
    app = await start(copy);
    user = await new Browser(app, account).signedIn();
    expect((await upload(user, 'fir')).status).toBe(202);
    expect(await contents(early)).toEqual(TEXTS.slice(0, 2));
    admin = await Browser.signedUp(app);
    expect((await admin.get('/health/ready')).body.parts.files.status).toBe('up');
  });

  it('is not taken by a restored copy for its own where it has no mark', async () => {
    const prefixed = { ...env, S3_PREFIX: 'unmarked/' };
    const dataDir = newDataDir();
    folders.push(dataDir);
    let app = await start({ ...prefixed, DATA_DIR: dataDir });
    const { admin } = app;
    await keep(await Browser.signedUp(app), TEXTS);
    const archive = path.join(folder(), 'backup.tar.gz');
    await command('backup', [archive], { ...prefixed, DATA_DIR: dataDir });
    await stop(app);
    const unsigned = `AWS4-HMAC-SHA256 Credential=${S3_CREDENTIALS.accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`;
    const object = `${server.endpoint}/${server.bucket}/unmarked/.installation`;
    const removed = await fetch(object, { method: 'DELETE', headers: { authorization: unsigned } });
    expect(removed.status).toBe(204);
    const copyDir = path.join(folder(), 'data');
    await command('restore', [archive], { ...prefixed, DATA_DIR: copyDir });
    app = await start({ ...prefixed, DATA_DIR: copyDir });
    expect(await filesAre(app, admin, 'degraded')).toContain('restored copy');
  });
});
