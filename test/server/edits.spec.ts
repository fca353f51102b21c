import { jest } from '@jest/globals';
import { DocumentEditsRepository } from '../../src/documents/document-edits.repository.js';
import { DocumentPartsService } from '../../src/documents/publishing/document-parts.service.js';
import { ReadingService } from '../../src/documents/versions/reading.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { describeWithEncoder, eventually, migrate, newDatabase, type ServerDatabase } from './support.js';

describeWithEncoder('changes to one document at the same time', () => {
  let database: ServerDatabase;
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    app = await startTestApp(database.env);
    user = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  type Change = (id: string) => Promise<{ status: number }>;
  const retitle: Change = (id) => user.patch(`/documents/${id}`, { body: { title: 'Narwhal' } });
  const tag: Change = (id) => user.patch(`/documents/${id}`, { body: { metadata: { kind: 'new' } } });

  test.each<[string, Change, Change, object, string]>([
    ['metadata, then a title', tag, retitle, DocumentPartsService, 'passOnMetadata'],
    ['a title, then metadata', retitle, tag, ReadingService, 'lineUp'],
  ])('lose nothing: %s', async (name, first, second, type, step) => {
    const file = { name: 'note.txt', data: Buffer.from(`The text of ${name}.`) };
    const sent = await user.upload([file], { metadata: '{"kind":"old"}' });
    const { id } = await user.settled(sent.body.documents[0].id);

    // The first one has written and not committed; the second one waits for it in the database.
    const service = app.app.get<Record<string, (...args: unknown[]) => Promise<unknown>>>(
      type as unknown as string,
      { strict: false },
    );
    const go = service[step]!.bind(service);
    let goOn = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      jest.spyOn(service, step).mockImplementationOnce(async (...args) => {
        resolve();
        await new Promise<void>((released) => (goOn = released));
        return go(...args);
      });
    });
    const edits = app.app.get(DocumentEditsRepository, { strict: false });
    const done = [jest.spyOn(edits, 'setMetadata'), jest.spyOn(edits, 'copyVersion')];
    const changes = [first(id)];
    await written;
    changes.push(second(id));
    await eventually('the second change waits', 60, async () => {
      const [row] = await database.source.query<{ n: number }[]>(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return row!.n > 0 || undefined;
    });
    goOn();
    for (const { status } of await Promise.all(changes)) expect(status).toBe(200);
    // Nobody was the victim of a deadlock, and tried again.
    for (const spy of done) {
      expect(spy).toHaveBeenCalledTimes(1);
      spy.mockRestore();
    }
    expect(await user.settled(id)).toMatchObject({
      status: 'ready',
      title: 'Narwhal',
      metadata: { kind: 'new' },
    });
  });
});
