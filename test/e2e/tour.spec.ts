import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LocalServer } from '../../src/cli/local-server.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const hasTools = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0);

/** The shell blocks of a page under these headings, as somebody would paste them one after the other. */
function blocks(page: string, headings: RegExp): string {
  const sections = fs.readFileSync(path.join(ROOT, page), 'utf8').split(/^(?=## )/m);
  return sections
    .filter((section) => headings.test(section))
    .flatMap((section) => [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, code = '']) => code))
    .join('\n');
}

(hasTools ? describe : describe.skip)('what the documentation says to paste (needs bash and curl)', () => {
  let server: LocalServer;
  let folder: string;

  beforeAll(async () => {
    // No encoder: the pages promise that they work without one, too.
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-tour-'));
    server = new LocalServer({ env: { MODELS_DIR: folder, MODEL_DOWNLOAD: 'off' } });
    await server.start();
    fs.symlinkSync(path.join(ROOT, 'data', 'samples'), path.join(folder, 'samples'));
  });

  afterAll(async () => {
    await server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function paste(code: string): string {
    const password = path.join(folder, 'password');
    fs.writeFileSync(password, server.admin.password);
    const script = code
      .replaceAll('http://127.0.0.1:8000', server.base)
      .replaceAll('data/demo/secrets/admin-password', password)
      .replaceAll('data/samples', path.join(folder, 'samples'));
    expect(script).toContain(password);
    const done = spawnSync('bash', ['--norc', '-eu', '-o', 'pipefail', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      env: { PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}` },
      encoding: 'utf8',
      timeout: 240_000,
    });
    expect({ status: done.status, errors: done.stderr }).toEqual({ status: 0, errors: '' });
    return done.stdout;
  }

  it('README: signs in, uploads, asks, and finds the quote at its place', () => {
    const output = paste(blocks('README.md', /^## Five minutes/));
    expect(output).toContain('"status":"ready"');
    expect(output).toMatch(/"supported":true.*"verified":true/);
    expect(output).toMatch(/^true page 3: The fuel tank holds 12,000 litres/m);
  });

  it('tour: from signing in to signing out', () => {
    const output = paste(blocks('docs/tour.md', /^## /));
    expect(output).toContain('"device_name":"tour"');
    expect(output).toContain('"subject":"role:user"');
    expect(output).toContain('{"status":"ok","added":2');
    expect(output).toMatch(/"results":\[\{"id":"bridge\/1"/);
    expect(output).toMatch(/"results":\[\{"id":"tunnel\/1"/);
    expect(output).toContain('The bridge was opened in 1987 and repainted in 2011. [1]","supported":true');
    expect(output).toMatch(/event: sources$[^]*^event: citation$[^]*^event: done$/m);
    expect(output).toContain('"code":"not_found"');
    expect(output).toContain('"code":"validation_failed"');
    expect(output).toContain('"status":"deleting"');
    expect(output).toContain('{"status":"logged_out"}');
  });
});
