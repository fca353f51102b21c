import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { newDataDir } from '../support/app.js';

const cli = path.resolve(import.meta.dirname, '../../dist/cli/migrate.js');

/** The same on a server stands in test/server. */
describe('migrations of the embedded database', () => {
  const dataDir = newDataDir();
  const migrate = (...args: string[]): string => {
    const done = spawnSync(process.execPath, [cli, ...args], {
      env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir },
      encoding: 'utf8',
    });
    expect([args, done.stderr, done.status]).toEqual([args, '', 0]);
    return done.stdout;
  };
  afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }));

  it('go back to nothing and forward again', () => {
    const all = migrate('show').trim().split('\n');
    expect(all.length).toBeGreaterThan(2);
    expect(all.every((line) => line.startsWith('[x]'))).toBe(true);
    expect(migrate('revert', 'all').trim().split('\n').at(-1)).toBe(
      `reverted ${all.length} of ${all.length}`,
    );
    expect(migrate('show')).not.toContain('[x]');
    expect(migrate('run').trim().split('\n')).toHaveLength(all.length);
    expect(migrate('run')).toBe('nothing to run\n');
    for (const count of ['abc', '-1', '0', '1.5']) {
      const { stderr, status } = spawnSync(process.execPath, [cli, 'revert', count], { encoding: 'utf8' });
      expect([stderr.slice(0, 6), status]).toEqual(['usage:', 64]);
    }
  });
});
