// One embedded cluster with the schema is made once; each suite copies it instead of running initdb again.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export default function globalSetup() {
  const root = path.resolve(import.meta.dirname, '../..');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-test-'));
  process.env.TEST_SCRATCH = scratch;
  const template = path.join(scratch, 'template');
  const done = spawnSync(process.execPath, [path.join(root, 'dist/cli/migrate.js'), 'run'], {
    env: { PATH: process.env.PATH, DATA_DIR: template },
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`cannot make the test database: ${done.stderr}`);
  process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
}
