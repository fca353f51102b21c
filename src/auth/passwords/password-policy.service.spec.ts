import { computingTime } from '../../../test/support/clock.js';
import type { FieldError } from '../../common/errors/app-error.js';
import type { Settings } from '../../config/settings.js';
import { PasswordPolicy } from './password-policy.service.js';

describe('new passwords', () => {
  const policy = new PasswordPolicy({ passwordMinLength: 15 } as Settings);
  const owner = { email: 'ada.lovelace@analytical.example', username: 'countess', fullName: 'Ada King' };
  const reason = (password: string, more: object = {}): string | undefined => {
    try {
      policy.check(password, { ...owner, ...more }, 'new_password');
      return undefined;
    } catch (error) {
      const [first] = (error as { errors: FieldError[] }).errors;
      expect(first?.field).toBe('new_password');
      return first?.code;
    }
  };

  test.each([
    ['a lantern over the quiet harbour', undefined],
    ['Vq7-0kd93JdkqW2m', undefined],
    ['le café du port à midi', undefined],
    ['🚀🌍🐙🦊🌈🍕🎸🧊🪐🦖🌵🥨🛶🪁🧩', undefined],
    ['correct horse battery staple', undefined],
    // Contains a name, and enough besides.
    ['countess of the seven bridges', undefined],
    ['1234 apples fell on my roof', undefined],
    ['short', 'too_short'],
    ['🚀'.repeat(14), 'too_short'],
    ['x'.repeat(1025), 'too_long'],
    ['é'.repeat(513), 'too_long'],
    ['1234567890qwerty', 'too_common'],
    ['PasswordPassword', 'too_common'],
    ['manchesterunited', 'too_common'],
    ['Iloveyou!!!!!!!!!', 'too_common'],
    ['2024---sunshine---2024', 'too_common'],
    ['ß'.repeat(20), 'too_predictable'],
    ['ababababababababab', 'too_predictable'],
    ['xyzzy!xyzzy!xyzzy!', 'too_predictable'],
    ['aaaaaaaaaabbbbbbbbbbcccccccccdddddddd', 'too_predictable'],
    ['abcdefghijklmnopq!', 'too_predictable'],
    ['9876543210asdfghjkl-zyxwvuts', 'too_predictable'],
    ['ada.lovelace@analytical.example', 'contains_identity'],
    ['Ada-Lovelace-1815!', 'contains_identity'],
    ['countesscountess7', 'contains_identity'],
    ['AI-Backend AI-Backend!', 'contains_identity'],
    ['aibackend 2026!!', 'contains_identity'],
  ])('%s: %s', (password, expected) => {
    expect(reason(password)).toBe(expected);
  });

  test('may be shorter with a second factor, and are checked all the same', () => {
    expect(reason('Vq7-0kd9', { secondFactor: true })).toBeUndefined();
    expect(reason('Vq7-0kd', { secondFactor: true })).toBe('too_short');
    expect(reason('password', { secondFactor: true })).toBe('too_common');
    expect(reason('countess', { secondFactor: true })).toBe('contains_identity');
    expect(reason('Vq7-0kd9')).toBe('too_short');
  });

  test('short names do not forbid ordinary words', () => {
    expect(
      reason('a lantern over the quiet harbour', { email: 'a@b.example', username: 'the' }),
    ).toBeUndefined();
  });

  test('the longest are judged in a moment', () => {
    const spent = computingTime(() => {
      reason('ab1'.repeat(341));
      reason('abcdefghijklmnopqrstuvwxyz'.repeat(39));
    });
    expect(spent).toBeLessThan(1000);
  });
});
