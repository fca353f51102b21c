import fs from 'node:fs';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const NAMES = ['JWT_SECRET', 'REFRESH_SECRET', 'CSRF_SECRET'] as const;
const secrets = (round: string): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, `${round}-${name}-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6`]));
const previous = (round: string): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets(round)).map(([name, value]) => [`${name}_PREVIOUS`, value]));

/** The same installation again with other secrets. */
describe('rotation of the secrets', () => {
  const dir = newDataDir();
  let app: TestApp;
  const restart = async (env: Record<string, string>): Promise<void> => {
    await app?.close();
    app = await startTestApp({ DATA_DIR: dir, ...env });
  };
  afterAll(async () => {
    await app?.close();
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
});
