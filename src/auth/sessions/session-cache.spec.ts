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

  test('in use, is loaded again without making anybody wait, and is never older than allowed', async () => {
    jest.useFakeTimers();
    try {
      const cache = new SessionCache();
      let finish: (session: LiveSession) => void = () => undefined;
      const first = sessionOf('ada');
      const loader = jest.fn<(id: string) => Promise<LiveSession | undefined>>(() => Promise.resolve(first));
      await cache.get('s', loader);
      loader.mockImplementation(() => new Promise((resolve) => (finish = resolve)));
      jest.advanceTimersByTime(500);
      expect(await cache.get('s', loader)).toBe(first);
      expect(await cache.get('s', loader)).toBe(first);
      expect(loader).toHaveBeenCalledTimes(2);
      const second = sessionOf('ada');
      finish(second);
      await Promise.resolve();
      expect(await cache.get('s', loader)).toBe(second);
      expect(loader).toHaveBeenCalledTimes(2);
      // Asked for by nobody in between, it is too old like any other.
      jest.advanceTimersByTime(800);
      const waiting = cache.get('s', loader);
      finish(first);
      expect(await waiting).toBe(first);
      expect(loader).toHaveBeenCalledTimes(3);
    } finally {
      jest.useRealTimers();
    }
  });

  test.each([
    ['the session', (cache: SessionCache) => cache.drop('s')],
    ['its user', (cache: SessionCache) => cache.dropUser('ada')],
  ])('what was being loaded again when %s was dropped is not kept', async (_, drop) => {
    jest.useFakeTimers();
    try {
      const cache = new SessionCache();
      let finish: (session: LiveSession) => void = () => undefined;
      const loader = jest.fn<(id: string) => Promise<LiveSession | undefined>>(() =>
        Promise.resolve(sessionOf('ada')),
      );
      await cache.get('s', loader);
      jest.advanceTimersByTime(500);
      loader.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
      await cache.get('s', loader);
      drop(cache);
      const stale = sessionOf('ada');
      finish(stale);
      await Promise.resolve();
      loader.mockImplementation(() => Promise.resolve(undefined));
      expect(await cache.get('s', loader)).toBeUndefined();
    } finally {
      jest.useRealTimers();
    }
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
