import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { DocumentsService } from '../../src/documents/documents.service.js';
import { EmbeddingBacklog } from '../../src/ingestion/embedding/embedding-backlog.service.js';
import { StorageService } from '../../src/storage/storage.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

describe('what anybody may ask as often as they like', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());
  afterEach(() => jest.restoreAllMocks());

  test('asks the parts once for all that come while they answer, and a second later again', async () => {
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const ping = jest.spyOn(app.app.get(StorageService, { strict: false }), 'ping').mockReturnValue(held);
    const ready = async (): Promise<unknown> => (await app.http().get('/health/ready')).body.parts.files;
    const early = Array.from({ length: 20 }, ready);
    while (ping.mock.calls.length === 0) await sleep(5);
    await sleep(200);
    answer();
    expect(await Promise.all(early)).toEqual(early.map(() => ({ status: 'up', detail: null })));
    expect(ping).toHaveBeenCalledTimes(1);
    ping.mockRejectedValue(new Error('gone'));
    await sleep(1100);
    expect(await ready()).toEqual({ status: 'degraded', detail: null });
    await ready();
    expect(ping).toHaveBeenCalledTimes(2);
  });

  test('metrics of the process stay while the database does not answer', async () => {
    const states = jest.spyOn(app.app.get(DocumentsService, { strict: false }), 'states');
    const pending = jest.spyOn(app.app.get(EmbeddingBacklog, { strict: false }), 'pending');
    states.mockRejectedValue(new Error('the database is gone'));
    pending.mockReturnValue(new Promise(() => undefined));
    const { status, text } = await app.http().get('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('ai_backend_event_loop_delay_seconds{quantile="0.99"}');
    expect(text).toContain('ai_backend_part_up{part="jobs"} 1\n');
    expect(text).not.toMatch(/^ai_backend_(documents|embedding_backlog)\b/m);
  });

  test('counts documents once for several scrapes', async () => {
    const user = await Browser.signedUp(app);
    await user.post('/rag/add_document', { body: { doc_id: 'tea', text: 'Tea is steeped.', wait_ms: 0 } });
    const states = jest.spyOn(app.app.get(DocumentsService, { strict: false }), 'states');
    for (let i = 0; i < 3; i++) {
      const { text } = await app.http().get('/metrics');
      expect(text).toContain('ai_backend_documents{state="all"} 1\n');
      expect(text).toContain('ai_backend_documents{state="failed"} 0\n');
      expect(text).toMatch(/ai_backend_documents\{state="pending"\} [01]\n/);
      expect(text).toMatch(/^ai_backend_embedding_backlog \d+$/m);
    }
    expect(states).toHaveBeenCalledTimes(1);
  });
});
