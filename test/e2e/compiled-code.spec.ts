import fs from 'node:fs';
import path from 'node:path';
import { newDataDir, newPassword } from '../support/app.js';
import { runNode } from '../support/node-process.js';

/** Starts the built server, asks it something, and ends it in order. @returns what it printed */
async function startAndStop(dataDir: string): Promise<string> {
  const server = runNode('dist/main.js', [], {
    DATA_DIR: dataDir,
    MODEL_DOWNLOAD: 'off',
    PORT: '0',
    ADMIN_EMAIL: 'root@example.com',
    ADMIN_PASSWORD: newPassword(),
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
  });
  const [, base] = await server.printed(/listens on (http:\/\/[^\s"]+)/);
  const answer = await fetch(`${base}/health/live`);
  expect(answer.status).toBe(200);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
  return server.output();
}

/** Every file below a folder. */
const filesIn = (dir: string): string[] =>
  fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

test('compiled code is kept in the data directory, used again, and made anew where it is damaged', async () => {
  const dataDir = newDataDir();
  try {
    fs.chmodSync(dataDir, 0o755);
    await startAndStop(dataDir);
    // Whoever could write here would have the next process.
    expect(fs.statSync(dataDir).mode & 0o777).toBe(0o700);
    const kept = filesIn(path.join(dataDir, 'compiled'));
    expect(kept.length).toBeGreaterThan(1000);
    const written = Math.max(...kept.map((file) => fs.statSync(file).mtimeMs));

    await startAndStop(dataDir);
    // What two threads import is written by whichever ends last.
    const again = kept.filter((file) => fs.statSync(file).mtimeMs > written);
    expect(again.length).toBeLessThan(kept.length / 10);

    for (const [i, file] of kept.entries()) {
      const bytes = fs.readFileSync(file);
      if (i % 2 === 0) fs.writeFileSync(file, bytes.subarray(0, bytes.length / 2));
      else fs.writeFileSync(file, bytes.fill(0xff, bytes.length / 2));
    }
    expect(await startAndStop(dataDir)).not.toMatch(/"level":(40|50|60)|rror/);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a data directory where nothing can be kept starts as well', async () => {
  const dataDir = newDataDir();
  try {
    fs.writeFileSync(path.join(dataDir, 'compiled'), 'a file where a folder should be');
    await startAndStop(dataDir);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});
