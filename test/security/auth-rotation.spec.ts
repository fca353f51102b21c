import fs from 'node:fs';
import { generateSync } from 'otplib';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';
import { FactorResealing } from '../../src/auth/mfa/factor-resealing.service.js';
import { SecondFactorsRepository } from '../../src/auth/mfa/second-factors.repository.js';
import { SecretBox } from '../../src/common/security/secret-box.js';
import { KeyResealing } from '../../src/database/key-resealing.service.js';
import { SecretResealing } from '../../src/webhooks/secret-resealing.service.js';
import { WebhooksRepository } from '../../src/webhooks/webhooks.repository.js';

const NAMES = ['JWT_SECRET', 'REFRESH_SECRET', 'CSRF_SECRET'] as const;
const secrets = (round: string): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, `${round}-${name}-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6`]));
const previous = (round: string): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets(round)).map(([name, value]) => [`${name}_PREVIOUS`, value]));

const FIRST_KEY = 'the-first-key-Zr1mXv7Kp3Ld9Tn5Wb2Y';
const NEXT_KEY = 'the-next-key-Ld9Tn5Wb2Yc6Zr1mXv7K';

/** The same installation again with other secrets. */
describe('rotation of the secrets', () => {
  const dir = newDataDir();
  let app: TestApp;
  let close: (() => Promise<void>) | undefined;
  const stop = async (): Promise<void> => {
    const closing = close?.();
    close = undefined;
    await closing;
  };
  const restart = async (env: Record<string, string>): Promise<void> => {
    await stop();
    app = await startTestApp({ DATA_DIR: dir, DATA_ENCRYPTION_KEY: FIRST_KEY, ...env });
    close = app.close;
  };
  afterAll(async () => {
    await stop();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  /** The same browser, at the application that runs now. */
  const moved = (browser: Browser): Browser => {
    const same = new Browser(app, browser.account);
    for (const [name, cookie] of browser.jar) same.jar.set(name, cookie);
    [same.token, same.csrf] = [browser.token, browser.csrf];
    return same;
  };

  test('with the previous ones at hand nobody notices; without them nothing is worth anything', async () => {
    await restart(secrets('one'));
    const [one, idle, raced] = [
      await Browser.signedUp(app),
      await Browser.signedUp(app),
      await Browser.signedUp(app),
    ];
    const beforeRace = raced.cookies();
    const answered = await raced.refresh();
    const device = one.cookies()['device'];

    await restart({ ...secrets('two'), ...previous('one') });
    const two = moved(one);
    expect((await two.me()).status).toBe(200);
    // The answer that was lost before the rotation is told again, the same.
    const again = await moved(raced).refresh({ cookies: beforeRace });
    expect(again.status).toBe(200);
    expect(String(again.headers['set-cookie']).match(/refresh_token=([\w-]+)/)?.[1]).toBe(
      String(answered.headers['set-cookie']).match(/refresh_token=([\w-]+)/)?.[1],
    );
    // The CSRF value from before proves intent until the refresh hands out a new one.
    const [oldToken, oldCsrf] = [two.token ?? '', two.csrf];
    expect((await two.refresh()).status).toBe(200);
    expect(two.csrf).not.toBe(oldCsrf);
    expect(two.cookies()['device']).not.toBe(device);
    expect((await two.me()).status).toBe(200);
    expect((await two.me({ bearer: oldToken })).status).toBe(200);
    // Still the device that it was.
    expect((await two.login()).status).toBe(200);
    const [{ devices }] = await app.source.query(
      `select count(distinct device_key)::int as devices from refresh_tokens s join users u on u.id = s.user_id where u.email = $1`,
      [two.account.email],
    );
    expect(devices).toBe(1);

    await restart({ ...secrets('three'), ...previous('two') });
    const three = moved(two);
    expect((await three.me({ bearer: oldToken })).status).toBe(401);
    expect((await three.me()).status).toBe(200);
    expect((await three.refresh()).status).toBe(200);
    const late = moved(idle);
    expect((await late.me()).status).toBe(401);
    const refused = await late.refresh();
    expect(refused.status).toBe(401);
    expect(refused.headers['set-cookie']).toBeUndefined();
    expect((await late.login()).status).toBe(200);
  });

  test('secrets that changed places are worth nothing', async () => {
    await restart(secrets('four'));
    const browser = await Browser.signedUp(app);
    const { JWT_SECRET = '', REFRESH_SECRET = '', CSRF_SECRET = '' } = secrets('four');
    await restart({ JWT_SECRET: REFRESH_SECRET, REFRESH_SECRET: CSRF_SECRET, CSRF_SECRET: JWT_SECRET });
    const same = moved(browser);
    expect((await same.me()).status).toBe(401);
    expect((await same.refresh()).status).toBe(401);
  });

  test('what is kept encrypted goes over to the new key, so that the old one can be forgotten', async () => {
    const [old, current] = [FIRST_KEY, NEXT_KEY];
    await restart({ DATA_ENCRYPTION_KEY: old, WEBHOOK_ALLOW_PRIVATE: 'true' });
    const browser = await (await Browser.signedUp(app)).proven();
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    const codeIn = (steps: number): string =>
      generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
    expect((await browser.post('/auth/mfa/totp/confirm', { body: { code: codeIn(-1) } })).status).toBe(200);
    const body = { url: 'http://127.0.0.1:1/hook', events: ['document.ready'] };
    const webhook = (await browser.post('/webhooks', { body })).body as { id: string; secret: string };
    const rotated = (await browser.post(`/webhooks/${webhook.id}/rotate`)).body as { secret: string };

    await restart({ DATA_ENCRYPTION_KEY: current, DATA_ENCRYPTION_KEY_PREVIOUS: old });
    const withoutOld = (purpose: string) => new SecretBox([current], purpose);
    const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
    const factors = () => app.app.get(SecondFactorsRepository).sealed(BEFORE_ALL, 10);
    const hooks = () => app.app.get(WebhooksRepository).sealed(BEFORE_ALL, 10);
    const read = async (): Promise<unknown[]> => [
      ...(await factors()).map(({ id, sealed }) => withoutOld('second factor').open(sealed, id)),
      ...(await hooks()).map(({ id, sealed }) => withoutOld('webhooks').open(sealed, id)),
    ];
    // Not at once: a process that has the old key alone may still run.
    expect(new Set(await read())).toEqual(new Set([undefined]));
    await app.app.get(FactorResealing).run();
    await app.app.get(SecretResealing).run();
    await app.app.get(KeyResealing).run();
    expect(new Set(await read())).toEqual(new Set([secret, webhook.secret, rotated.secret]));

    await restart({ DATA_ENCRYPTION_KEY: current });
    const later = new Browser(app, browser.account);
    const { mfa_token } = (await later.login()).body as { mfa_token: string };
    const signedIn = await later.post('/auth/login/mfa', {
      body: { mfa_token, code: codeIn(0) },
      bearer: null,
    });
    expect(signedIn.status).toBe(200);
  });

  test('a key that the database does not know ends the start, until it is said that the right one is lost', async () => {
    await restart({ DATA_ENCRYPTION_KEY: NEXT_KEY });
    const { account } = await Browser.signedUp(app);
    await stop();
    const wrong = { DATA_DIR: dir, DATA_ENCRYPTION_KEY: 'a-wrong-key-Tn5Wb2Yc6Zr1mXv7KLd9', PORT: '0' };
    const refused = runNode('dist/main.js', [], wrong);
    expect(await refused.ended).toBe(78);
    expect(refused.output()).toMatch(/^configuration: DATA_ENCRYPTION_KEY .* is not what .*key:accept.*\n$/);
    await restart({ DATA_ENCRYPTION_KEY: NEXT_KEY });
    // As versions before left it: then the second factors tell.
    await app.source.query('update installation set key_check = null');
    await stop();
    expect(await runNode('dist/main.js', [], wrong).ended).toBe(78);
    await restart({ DATA_ENCRYPTION_KEY: NEXT_KEY });
    await stop();
    const accepted = runNode('dist/cli/accept-key.js', [], wrong);
    expect([await accepted.ended, accepted.output()]).toEqual([0, expect.stringContaining('next start')]);
    await restart({ DATA_ENCRYPTION_KEY: wrong.DATA_ENCRYPTION_KEY });
    await new Browser(app, account).signedIn();
    await stop();
    await expect(restart({ DATA_ENCRYPTION_KEY: NEXT_KEY })).rejects.toThrow('DATA_ENCRYPTION_KEY');
  });
});
