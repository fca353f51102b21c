import fs from 'node:fs';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';

/** Accounts, documents and background jobs: without them nothing is in a database. */
const FIRST = 3;

/** What an older version left is there for a newer one, whatever lies between them. */
describe('a database in use', () => {
  const DATA_DIR = newDataDir();
  const running: TestApp[] = [];
  const start = async (): Promise<TestApp> => {
    const app = await startTestApp({ DATA_DIR });
    running.push(app);
    return app;
  };
  const stop = async (): Promise<void> => {
    await running.pop()?.close();
  };
  const migrate = async (...args: string[]): Promise<string[]> => {
    const run = runNode('dist/cli/migrate.js', args, { DATA_DIR });
    expect([args, await run.ended, run.output()]).toEqual([args, 0, expect.any(String)]);
    return run.output().trim().split('\n');
  };
  afterAll(async () => {
    await stop();
    fs.rmSync(DATA_DIR, { recursive: true, force: true });
  });

  test('goes back to the first version and comes forward with all its documents', async () => {
    let app = await start();
    let owner = await Browser.signedUp(app);
    const { account } = owner;
    const collection = (await owner.post('/collections', { body: { name: 'Bridges' } })).body.id as string;
    const add = (doc_id: string, text: string, title?: string) =>
      owner.post('/rag/add_document', {
        body: { collection_id: collection, doc_id, text, title, wait_ms: 0 },
      });
    expect((await add('firth', 'The Forth Bridge was opened in 1890.', 'The Forth’s Bridge')).status).toBe(
      200,
    );
    expect((await add('tay', 'The first draft.', 'Tay Bridge')).status).toBe(200);
    expect((await add('tay', 'The second Tay Bridge was opened in 1887.', 'Tay Bridge')).status).toBe(200);
    expect((await add('severn', 'The Severn Bridge was opened in 1966.')).status).toBe(200);
    expect((await owner.delete(`/documents?collection_id=${collection}&doc_id=severn`)).status).toBe(202);
    const listed = async (query = ''): Promise<object[]> => {
      const { body } = await owner.get(`/documents?collection_id=${collection}&sort=title&order=asc${query}`);
      return body.items;
    };
    const usage = (): Promise<unknown> => app.source.query('select * from user_usage order by user_id');
    const before = { listed: await listed(), found: await listed("&q=forth's"), usage: await usage() };
    expect(before.listed).toHaveLength(2);
    expect(before.found).toHaveLength(1);
    await stop();

    const all = await migrate('show');
    await migrate('revert', String(all.length - FIRST));
    expect(await migrate('run')).toHaveLength(all.length - FIRST);

    app = await start();
    owner = await new Browser(app, account).signedIn();
    expect({ listed: await listed(), found: await listed("&q=forth's"), usage: await usage() }).toEqual(
      before,
    );
    const { body } = await owner.post('/rag/ask', {
      body: { question: 'When was the second Tay Bridge opened?', collection_ids: [collection] },
    });
    expect(body.citations[0]).toMatchObject({ doc_id: 'tay', verified: true });
    expect((await add('tay', 'The second Tay Bridge was opened on 13 July 1887.')).status).toBe(200);
    expect(await listed()).toHaveLength(2);
  });
});
