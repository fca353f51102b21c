import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadSettings } from './load-settings.js';
import type { Settings } from './settings.js';
import { VARIABLES } from './variables.js';

const FILE = fs.readFileSync(path.resolve(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
/** The parts that are about this server: what all of its containers share, and each of them. */
const SHARED = FILE.slice(FILE.indexOf('x-backend:'), FILE.indexOf('services:'));
const SERVICES = FILE.slice(FILE.indexOf('services:'), FILE.indexOf('\n  database:'));

/** What the file decides, since it belongs to the containers and not to the operator. */
const FIXED = ['NODE_ENV', 'HOST', 'PORT', 'DATA_DIR', 'MODELS_DIR', 'DATABASE_URL', 'CHROMA_URL'];
/** Has another default here than in the server: the image is not without an encoder. */
const OWN_DEFAULT = new Set(['MODEL_DOWNLOAD']);

const given = [...`${SHARED}${SERVICES}`.matchAll(/^ +([A-Z][A-Z0-9_]+): (.+)$/gm)].map(
  ([, name = '', value = '']) => ({ name, value }),
);

describe('docker-compose.yml', () => {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'compose-'));
  afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }));

  it('gives all of .env to every container of this server', () => {
    expect(SHARED).toMatch(/^ {2}env_file: \[\{ path: \.env, required: false \}\]$/m);
    expect(SERVICES).not.toContain('env_file');
    const containers = [...SERVICES.matchAll(/^ {2}\w+:\n(?= {4}<<: \*backend$)/gm)];
    expect(containers).toHaveLength([...SERVICES.matchAll(/^ {2}\w+:$/gm)].length);
    expect(containers.length).toBeGreaterThan(1);
  });

  it('builds an image once', () => {
    expect(FILE.match(/^ {4}build: /gm)).toHaveLength(1);
    expect(SERVICES).toMatch(/^ {2}migrate:\n(?: {4}.*\n)* {4}pull_policy: never$/m);
  });

  it('sets nothing that the server does not know', () => {
    const known = new Set<string>(Object.values(VARIABLES).map(({ env }) => env));
    expect(given.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
    expect(given.length).toBeGreaterThan(15);
  });

  it('fixes what belongs to the containers, and hides nothing else that .env says', () => {
    const hiding = given.filter(({ name, value }) => !value.startsWith(`\${${name}:`));
    expect(hiding.map(({ name }) => name).sort()).toEqual([...FIXED].sort());
  });

  it('has the defaults of the server where it has any', () => {
    const strict = {
      NODE_ENV: 'production',
      DATA_DIR: dataDir,
      ...Object.fromEntries(
        ['JWT_SECRET', 'REFRESH_SECRET', 'CSRF_SECRET', 'DATA_ENCRYPTION_KEY'].map((name, n) => [
          name,
          `${n}-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6Hs4Jf0Ga`,
        ]),
      ),
    };
    const settings = (env: Record<string, string>): Settings => loadSettings({ ...strict, ...env }, '1.2.3');
    const defaults = given.flatMap(({ name, value }) => {
      const text = /^\$\{\w+:-(.*)\}$/.exec(value)?.[1];
      return text === undefined || OWN_DEFAULT.has(name) ? [] : [[name, text] as const];
    });
    expect(defaults.length).toBeGreaterThan(5);
    for (const [name, text] of defaults)
      expect([name, settings({ [name]: text })]).toEqual([name, settings({})]);
  });
});
