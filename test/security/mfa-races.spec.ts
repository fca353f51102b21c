import type { Response } from 'supertest';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const ROUNDS = 50;
/** Long enough only beside a second factor. */
const SHORT = 'wq8-Zt4m';

/** A short password and the removal of the factor that allows it: one of the two, whichever comes first. */
describe('races with the removal of a second factor', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  interface State {
    hash: string;
    factor: boolean;
  }

  async function race(other: (browser: Browser, round: number) => Promise<Response>): Promise<void> {
    const browser = await (await Browser.signedUp(app)).proven();
    const { email, password } = browser.account;
    const state = async (): Promise<State> =>
      (
        await app.source.query(
          `select password_hash as hash, exists (select from second_factors f where f.user_id = u.id) as factor
           from users u where email = $1`,
          [email],
        )
      )[0];
    const before = (await state()).hash;
    for (let round = 0; round < ROUNDS; round++) {
      await app.source.query('update users set password_hash = $2 where email = $1', [email, before]);
      await app.source.query('delete from second_factors');
      await browser.signedIn();
      await app.source.query(
        `insert into second_factors (user_id, secret, confirmed_at) select id, '\\x00', now() from users where email = $1`,
        [email],
      );
      const bearer = browser.token ?? '';
      const [removed, changed] = await Promise.all([
        browser.post('/auth/mfa/totp/remove', { body: { password }, bearer }),
        other(browser, round),
      ]);
      const { hash, factor } = await state();
      expect([round, hash !== before, factor]).not.toEqual([round, true, false]);
      expect([200, 400, 409]).toContain(changed.status);
      // Whoever changed the password ended the session.
      expect([204, 401, 409]).toContain(removed.status);
    }
  }

  test(`a change of the password, ${ROUNDS} rounds`, async () => {
    await race((browser) =>
      browser.post('/auth/password', {
        body: { current_password: browser.account.password, new_password: SHORT },
        bearer: browser.token ?? '',
      }),
    );
  }, 600_000);

  test(`a new password by mail, ${ROUNDS} rounds`, async () => {
    await race(async (browser, round) => {
      const token = `${String(round).padStart(3, '0')}${'m'.repeat(24)}`;
      // As if a mail had brought it.
      await app.source.query(
        `insert into account_tokens (user_id, purpose, email, token_hash, expires_at)
         select id, 'reset', email, sha256(convert_to('account token reset ' || $2, 'UTF8')), now() + interval '1 hour'
         from users where email = $1
         on conflict (user_id, purpose) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
        [browser.account.email, token],
      );
      return browser.post('/auth/password/reset', { body: { token, new_password: SHORT }, anonymous: true });
    });
  }, 600_000);
});
