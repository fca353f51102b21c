import { readCookie, serialiseCookie } from './cookies.js';

describe('cookies', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['a=1; token=abc-_9; b=2', 'abc-_9'],
    ['token=abc', 'abc'],
    ['xtoken=abc; token2=def', undefined],
    ['token=', undefined],
    ['token', undefined],
    ['token="abc"', undefined],
    ['token=j:{"a":1}', undefined],
    ['token=a%20b', undefined],
    ['token=abc; token=abc', undefined],
    ['token=abc; other=1; token=def', undefined],
    [`token=${'a'.repeat(513)}`, undefined],
  ])('%s holds the token %s', (header, value) => {
    expect(readCookie(header, 'token')).toBe(value);
  });

  test('are written with every attribute, and removed with a date in the past', () => {
    const options = { path: '/auth', maxAge: 60, httpOnly: true, secure: true, sameSite: 'strict' } as const;
    expect(serialiseCookie('a', 'b', options)).toMatch(
      /^a=b; Path=\/auth; Max-Age=60; Expires=.* GMT; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(serialiseCookie('a', '', { ...options, maxAge: 0 })).toContain(
      'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    );
  });
});
