import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADVISORY_LOCKS, NAMED_LOCKS } from './advisory-locks.js';

/** Every call, with what the lock is taken by. */
const CALL = /advisory_\w*lock\w*\(\s*((?:[^()]|\([^()]*\))+)\)/g;

function callsIn(folder: string): { file: string; lock: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(CALL)].map(([, lock]) => ({ file, lock: lock! })),
    );
}

const numbers = Object.values(ADVISORY_LOCKS).map(Number);

test('no two purposes share a lock', () => {
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(new Set(Object.values(NAMED_LOCKS)).size).toBe(Object.keys(NAMED_LOCKS).length);
  // Out of the reach of 32 bits, where the named ones are.
  for (const number of numbers) expect(number).toBeGreaterThan(2 ** 32 - 1 - 2 ** 31);
});

test('what is taken anywhere stands in the table', () => {
  const source = callsIn('src');
  expect(source.length).toBeGreaterThan(6);
  // A parameter, a name of the table, or the hash of what is locked (64 bits).
  for (const { file, lock } of source)
    expect(`${file}: ${lock}`).toMatch(
      /: (?:\$1|\$\{(?:ADVISORY|NAMED)_LOCKS\.\w+\}|hashtextextended\(.*\))$/,
    );
  const migrations = callsIn('migrations');
  expect(migrations.length).toBeGreaterThan(2);
  for (const { file, lock } of migrations) {
    expect(`${file}: ${lock}`).toMatch(/: \d+$/);
    expect(numbers).toContain(Number(lock));
  }
});
