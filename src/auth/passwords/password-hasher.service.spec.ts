import argon2 from 'argon2';
import type { Settings } from '../../config/settings.js';
import { HashingProcess } from './hashing-process.js';
import { PasswordHasher } from './password-hasher.service.js';
import { PasswordPolicy } from './password-policy.service.js';

describe('password hashes', () => {
  const hashing = new HashingProcess();
  const hasher = new PasswordHasher(new PasswordPolicy({ passwordMinLength: 15 } as Settings), hashing);
  const password = 'a lantern over the quiet harbour';

  afterAll(() => hashing.onApplicationShutdown());

  test('belong to their password only, whatever its Unicode form', async () => {
    const hash = await hasher.hash('le café du port à midi');
    expect(await hasher.verify(hash, 'le café du port à midi'.normalize('NFD'))).toBe(true);
    expect(await hasher.verify(hash, 'le cafe du port a midi')).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(false);
  });

  test('made with less work are outdated, with more are not', async () => {
    const weak = await argon2.hash(password, { memoryCost: 8192, timeCost: 2, parallelism: 1 });
    const strong = await argon2.hash(password, { memoryCost: 32_768, timeCost: 3, parallelism: 1 });
    expect([hasher.isOutdated(weak), hasher.isOutdated(strong)]).toEqual([true, false]);
    expect(await hasher.verify(weak, password)).toBe(true);
  });

  test('that would exhaust memory or are no argon2id are never computed', async () => {
    const huge =
      '$argon2id$v=19$m=4194304,p=1,t=2$HcfrjWmG9MmVIzSdgWbSkA$LnEG5+YBAv7/JeMzYa/w385lG2jVS0m5O03PyVNRQ+0';
    const long = `$argon2id$v=19$m=8,t=1,p=1$${'A'.repeat(100_000)}$${'A'.repeat(43)}`;
    for (const hash of [huge, long, '', 'plain', '$2b$10$abcdefghijklmnopqrstuv'])
      expect(await hasher.verify(hash, password)).toBe(false);
  });

  test('a password longer than any that is accepted belongs to none', async () => {
    const tooLong = 'x'.repeat(1025);
    const hash = await argon2.hash(tooLong, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(await hasher.verify(hash, tooLong)).toBe(false);
  });

  test('nobody: the same work, and no', async () => {
    expect(await hasher.verify(undefined, password)).toBe(false);
  });

  test('a new password is checked before it is hashed', async () => {
    await expect(hasher.hashNew('short', { email: 'ada@example.com' })).rejects.toMatchObject({
      code: 'weak_password',
    });
  });
});
