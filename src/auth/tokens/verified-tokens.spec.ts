import { jest } from '@jest/globals';
import { VerifiedTokens } from './verified-tokens.js';

describe('verified tokens', () => {
  const claims = { sub: 'a', sid: 'b', gen: 0 };
  afterEach(() => jest.useRealTimers());

  test('are known until they expire, to the second', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const verified = new VerifiedTokens();
    verified.remember('token', claims, 1060);
    expect(verified.claimsOf('token')).toEqual(claims);
    expect(verified.claimsOf('token ')).toBeUndefined();
    jest.setSystemTime(1_059_999);
    expect(verified.claimsOf('token')).toEqual(claims);
    jest.setSystemTime(1_060_000);
    expect(verified.claimsOf('token')).toBeUndefined();
  });

  test('of any number take bounded room', () => {
    const verified = new VerifiedTokens();
    const exp = Date.now() / 1000 + 60;
    for (let i = 0; i < 5000; i++) verified.remember(`token ${i}`, claims, exp);
    const known = Array.from({ length: 5000 }, (_, i) => verified.claimsOf(`token ${i}`)).filter(Boolean);
    expect(known.length).toBeLessThanOrEqual(2000);
    expect(verified.claimsOf('token 4999')).toEqual(claims);
  });
});
