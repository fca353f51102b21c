import { jest } from '@jest/globals';
import { SessionCache } from './session-cache.js';
import type { LiveSession } from './session.types.js';

const sessionOf = (userId: string): LiveSession => ({
  userId,
  confirmedGeneration: 0,
  email: 'a@example.com',
  username: null,
  fullName: null,
  emailVerified: false,
  secondFactor: false,
  authenticatedAt: new Date(),
  roles: [],
});
const load = (userId = 'ada') =>
  jest.fn((_id: string) => Promise.resolve<LiveSession | undefined>(sessionOf(userId)));

describe('the session cache', () => {
  test('asks once for many, and again after less than a second', async () => {
    jest.useFakeTimers();
    try {
      const [cache, loader] = [new SessionCache(), load()];
      await Promise.all([cache.get('s', loader), cache.get('s', loader)]);
      expect(loader).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(1000);
      await cache.get('s', loader);
      expect(loader).toHaveBeenCalledTimes(2);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['the session', (cache: SessionCache) => cache.drop('s')],
    ['its user', (cache: SessionCache) => cache.dropUser('ada')],
  ])('after %s is dropped, asks again', async (_, drop) => {
    const [cache, loader] = [new SessionCache(), load()];
    await cache.get('s', loader);
    drop(cache);
    await cache.get('s', loader);
    expect(loader).toHaveBeenCalledTimes(2);
  });

  test('what was being loaded when it was dropped is not kept', async () => {
    const cache = new SessionCache();
    const answer = Promise.withResolvers<LiveSession | undefined>();
    const early = cache.get('s', () => answer.promise);
    cache.dropUser('somebody');
    answer.resolve(sessionOf('ada'));
    await early;
    const loader = jest.fn((_id: string) => Promise.resolve<LiveSession | undefined>(undefined));
    expect(await cache.get('s', loader)).toBeUndefined();
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test('another user keeps what is known; a failed load is not kept', async () => {
    const [cache, loader] = [new SessionCache(), load()];
    await cache.get('s', loader);
    cache.dropUser('grace');
    await cache.get('s', loader);
    expect(loader).toHaveBeenCalledTimes(1);
    await expect(cache.get('t', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('t', loader)).toMatchObject({ userId: 'ada' });
  });
});
