import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditRow } from '../../src/audit/audit.types.js';
import { PersonalData } from '../../src/privacy/personal-data.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** More than any connection holds, and longer than the answer takes to ask again: what nobody stops comes to an end. */
const LONG_MS = 20_000;

/** The own data and the audit log, where there is a lot of them. */
describe('a long download', () => {
  let app: TestApp;
  async function* lot<T>(item: T): AsyncGenerator<T> {
    for (const until = performance.now() + LONG_MS; performance.now() < until;) yield item;
  }

  beforeAll(async () => {
    app = await startTestApp({ STREAM_WRITE_TIMEOUT: '200ms' });
    const noise = 'noise '.repeat(20_000);
    app.app.get(PersonalData, { strict: false }).contribute({ name: 'noise', read: () => lot({ noise }) });
    const row = { at: new Date(), id: 'x', details: { noise } } as unknown as AuditRow;
    const audit = app.app.get(AuditService, { strict: false });
    const all = audit.all.bind(audit);
    // The export of the own data lists what was done, too.
    jest.spyOn(audit, 'all').mockImplementation((filter) => (filter.until ? lot(row) : all(filter)));
  });
  afterAll(() => app?.close());

  const open = (path: string, { token }: Browser): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const headers = { authorization: `Bearer ${token}` };
      http
        .get({ port, path, headers, agent: false }, (response) => {
          response.on('error', () => undefined);
          resolve(response);
        })
        .on('error', reject);
    });
  const newAdmin = async (): Promise<{ admin: Browser; demote: () => Promise<unknown> }> => {
    const root = await new Browser(app, app.admin).signedIn();
    const admin = await Browser.signedUp(app);
    const role = `/admin/users/${(await admin.me()).body.id}/roles/admin`;
    expect((await root.put(role)).status).toBe(200);
    return { admin, demote: () => root.delete(role) };
  };
  const OWN = '/users/me/export';
  const AUDIT = '/admin/audit/export';

  test.each<[string, string, (admin: Browser, demote: () => Promise<unknown>) => Promise<unknown>]>([
    ['own data, when the session ends', OWN, (admin) => admin.post('/auth/logout')],
    ['the audit log, when the session ends', AUDIT, (admin) => admin.post('/auth/logout')],
    ['the audit log, when the role is taken', AUDIT, (_, demote) => demote()],
  ])('of %s breaks off', async (_, path, end) => {
    const { admin, demote } = await newAdmin();
    const response = await open(path, admin);
    expect(response.statusCode).toBe(200);
    const over = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await end(admin, demote);
    await over;
    expect(response.complete).toBe(false);
  });

  test.each([OWN, AUDIT])('that nobody takes is cut off: %s', async (path) => {
    const { admin } = await newAdmin();
    const cut = new Promise((resolve) => {
      const server = app.app.getHttpServer();
      server.once('connection', (socket: Socket) => socket.once('close', resolve));
    });
    const response = await open(path, admin);
    expect(response.statusCode).toBe(200);
    await cut;
    const over = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await over;
    expect(response.complete).toBe(false);
  });

  test('of own data goes on three times for a user', async () => {
    const user = await Browser.signedUp(app);
    const stalled = [await open(OWN, user), await open(OWN, user), await open(OWN, user)];
    expect(stalled.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const refused = await open(OWN, user);
    expect([refused.statusCode, Number(refused.headers['retry-after'])]).toEqual([429, 10]);
    refused.resume();
    const other = await open(OWN, await Browser.signedUp(app));
    expect(other.statusCode).toBe(200);
    let again = await open(OWN, user);
    for (const until = Date.now() + 60_000; again.statusCode !== 200 && Date.now() < until;) {
      again.resume();
      await sleep(200);
      again = await open(OWN, user);
    }
    expect(again.statusCode).toBe(200);
    for (const response of [...stalled, other, again]) response.destroy();
  });
});
