import fs from 'node:fs';
import { jest } from '@jest/globals';
import argon2 from 'argon2';
import type { Settings } from '../../config/settings.js';
import { HashingProcess } from './hashing-process.js';
import { PasswordHasher } from './password-hasher.service.js';
import { PasswordPolicy } from './password-policy.service.js';

describe('the process that hashes passwords', () => {
  const password = 'a lantern over the quiet harbour';
  const slow = { memoryCost: 65_536, timeCost: 8, parallelism: 1 };
  const alive = (pid: number): boolean => fs.existsSync(`/proc/${pid}/stat`);
  const gone = async (pid: number): Promise<void> => {
    while (alive(pid)) await new Promise((resolve) => setImmediate(resolve));
  };
  let hashing: HashingProcess;
  let hasher: PasswordHasher;
  beforeEach(() => {
    hashing = new HashingProcess();
    hasher = new PasswordHasher(new PasswordPolicy({ passwordMinLength: 15 } as Settings), hashing);
  });
  afterEach(() => {
    jest.useRealTimers();
    hashing.onApplicationShutdown();
  });

  const running = async (): Promise<number> => {
    while (hashing.pid === undefined) await new Promise((resolve) => setImmediate(resolve));
    return hashing.pid;
  };

  test('starts with the first password, with nothing of the environment, and ends after idling', async () => {
    expect(hashing.pid).toBeUndefined();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const hash = await hasher.hash(password);
    const pid = await running();
    expect(fs.readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/PATH=|HOME=|SECRET|DATABASE/);
    jest.advanceTimersByTime(14_000);
    expect(await hasher.verify(hash, password)).toBe(true);
    jest.advanceTimersByTime(14_000);
    expect(hashing.pid).toBe(pid);
    jest.advanceTimersByTime(2000);
    expect(hashing.pid).toBeUndefined();
    await gone(pid);
    expect(await hasher.verify(hash, password)).toBe(true);
  });

  test('killed in the middle: another one finishes', async () => {
    const hash = await argon2.hash(password, slow);
    const checks = [hasher.verify(hash, password), hasher.verify(hash, 'another password')];
    process.kill(await running(), 'SIGKILL');
    expect(await Promise.all(checks)).toEqual([true, false]);
  });

  test('killed again and again: said so, and the next password is checked', async () => {
    const hash = await argon2.hash(password, slow);
    const check = hasher.verify(hash, password).catch((error: unknown) => error);
    const first = await running();
    process.kill(first, 'SIGKILL');
    while (hashing.pid === first || hashing.pid === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    process.kill(hashing.pid, 'SIGKILL');
    expect(await check).toMatchObject({ code: 'service_unavailable', status: 503 });
    expect(await hasher.verify(hash, password)).toBe(true);
  });

  test('ends with the server, and what waits is told', async () => {
    const hash = await argon2.hash(password, slow);
    const check = hashing.run({ kind: 'verify', hash, password }).catch((error: unknown) => error);
    const pid = await running();
    hashing.onApplicationShutdown();
    expect(await check).toMatchObject({ name: 'HashingProcessLost' });
    await gone(pid);
  });

  test('an error of a task is its own', async () => {
    await expect(hashing.run({ kind: 'verify', hash: 'no hash', password })).rejects.toThrow(
      /pchstr|format/i,
    );
    expect(await hashing.run({ kind: 'verify', hash: await argon2.hash(password), password })).toBe(true);
  });
});
