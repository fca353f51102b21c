import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { AccessKeyRing } from '../../src/auth/tokens/access-key-ring.service.js';
import type { Settings } from '../../src/config/settings.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

type Json = Record<string, unknown>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const part = (token: string, index: number): Json =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Json;

function sign(header: Json, payload: Json, key: KeyObject, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

describe('access tokens', () => {
  let app: TestApp;
  let user: Browser;
  let header: Json;
  let payload: Json;
  let key: KeyObject;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    [header, payload] = [part(user.token ?? '', 0), part(user.token ?? '', 1)];
    key = app.app.get(AccessKeyRing, { strict: false }).signing.key;
  });
  afterAll(() => app?.close());

  const asked = (token: string): ReturnType<Browser['me']> => user.me({ bearer: token });

  test('carry what identifies the session, and nothing about rights', () => {
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.any(String) });
    expect(Object.keys(payload).sort()).toEqual([
      'aud',
      'exp',
      'gen',
      'iat',
      'iss',
      'jti',
      'nbf',
      'sid',
      'sub',
    ]);
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(900);
  });

  // Guards the cases below: if the forging itself were wrong, they would pass for nothing.
  test('a token signed here with the right key is taken', async () => {
    expect((await asked(sign(header, payload, key))).status).toBe(200);
  });

  const other = createSecretKey(Buffer.alloc(32, 7));
  const now = Math.floor(Date.now() / 1000);
  const forged: [string, () => string][] = [
    ['alg none, unsigned', () => `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`],
    ['alg none, with the signature', () => sign({ ...header, alg: 'none' }, payload, key)],
    ['no signature', () => `${encode(header)}.${encode(payload)}.`],
    ['another key under our kid', () => sign(header, payload, other)],
    [
      'the raw secret instead of the derived key',
      () => sign(header, payload, createSecretKey(Buffer.from(app.settings.jwtSecret))),
    ],
    [
      'the refresh secret',
      () => sign(header, payload, createSecretKey(Buffer.from(app.settings.refreshSecret))),
    ],
    ['HS512 with our key', () => sign({ ...header, alg: 'HS512' }, payload, key, 'sha512')],
    ['another kid', () => sign({ ...header, kid: 'other' }, payload, key)],
    ['a kid like a prototype member', () => sign({ ...header, kid: '__proto__' }, payload, key)],
    [
      'a kid that is a path',
      () => sign({ ...header, kid: '/dev/null' }, payload, createSecretKey(Buffer.alloc(1))),
    ],
    ['no kid', () => sign({ alg: 'HS256', typ: 'at+jwt' }, payload, key)],
    [
      'a key of its own in jwk',
      () => sign({ ...header, jwk: { kty: 'oct', k: other.export().toString('base64url') } }, payload, other),
    ],
    ['typ JWT', () => sign({ ...header, typ: 'JWT' }, payload, key)],
    ['no typ', () => sign({ alg: 'HS256', kid: header['kid'] }, payload, key)],
    ['another issuer', () => sign(header, { ...payload, iss: 'somebody' }, key)],
    ['another audience', () => sign(header, { ...payload, aud: 'somebody' }, key)],
    ['no issuer', () => sign(header, { ...payload, iss: undefined }, key)],
    ['expired', () => sign(header, { ...payload, exp: now - 1 }, key)],
    ['not yet valid', () => sign(header, { ...payload, nbf: now + 60 }, key)],
    [
      'another user in this session',
      () => sign(header, { ...payload, sub: '00000000-0000-4000-8000-000000000000' }, key),
    ],
    [
      'a session that does not exist',
      () => sign(header, { ...payload, sid: '00000000-0000-4000-8000-000000000000' }, key),
    ],
    ['a session that is no id', () => sign(header, { ...payload, sid: "' or 1=1 --" }, key)],
    ['no session', () => sign(header, { ...payload, sid: undefined }, key)],
    ['a session of another type', () => sign(header, { ...payload, sid: { toString: 'x' } }, key)],
    ['a header that is no object', () => `${Buffer.from('null').toString('base64url')}.${encode(payload)}.x`],
    ['a payload that is no object', () => sign(header, 'text' as unknown as Json, key)],
    ['100 kB', () => `${encode(header)}.${'a'.repeat(12_000)}.x`],
    ['the refresh token', () => user.cookies()['refresh_token'] ?? ''],
    ['the CSRF token', () => user.csrf ?? ''],
    ['the device cookie', () => user.cookies()['device'] ?? ''],
    ['nothing like a token', () => 'x'],
  ];
  test.each(forged)('%s: the same 401 as any other', async (_, make) => {
    const [refused, anonymous] = [await asked(make()), await user.me({ anonymous: true })];
    const { request_id: _a, ...problem } = refused.body as Json;
    const { request_id: _b, ...expected } = anonymous.body as Json;
    expect(refused.status).toBe(401);
    expect(problem).toEqual(expected);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
  });

  test.each([
    ['another scheme', 'Basic '],
    ['two tokens', 'Bearer x '],
    ['no scheme', ''],
  ])('%s is refused', async (_, before) => {
    const headers = { authorization: `${before}${user.token}` };
    expect((await user.get('/auth/me', { anonymous: true, headers })).status).toBe(401);
  });

  test('in the query, the body or a cookie count for nothing', async () => {
    const { token = '' } = user;
    const none = { bearer: null, csrf: null };
    expect((await user.get(`/auth/me?access_token=${token}`, none)).status).toBe(401);
    expect(
      (await user.get('/auth/me', { ...none, cookies: { access_token: token, refresh_token: token } }))
        .status,
    ).toBe(401);
  });

  test('an access token, or a CSRF token, is no refresh token', async () => {
    for (const value of [user.token ?? '', user.csrf ?? '', user.cookies()['device'] ?? '']) {
      const response = await user.refresh({ cookies: { refresh_token: value } });
      expect(response.status).toBe(401);
      expect(response.headers['set-cookie']).toBeUndefined();
    }
  });

  test('a token made before the key was rotated is taken, and one made with a forgotten key is not', async () => {
    const [first, second, third] = ['A', 'B', 'C'].map(
      (letter) => `${letter}-test-secret-0123456789-abcdefghijkl`,
    );
    const ringOf = (jwtSecret = '', jwtSecretPrevious?: string): AccessKeyRing =>
      new AccessKeyRing({ jwtSecret, jwtSecretPrevious } as Settings);
    const [before, after, forgotten] = [ringOf(first), ringOf(second, first), ringOf(third, second)];
    const token = sign({ ...header, kid: before.signing.kid }, payload, before.signing.key);
    expect(after.signing.kid).not.toBe(before.signing.kid);
    expect(after.keyFor(token)?.equals(before.signing.key)).toBe(true);
    expect(forgotten.keyFor(token)).toBeUndefined();
  });
});
