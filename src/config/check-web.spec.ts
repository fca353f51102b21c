import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load-settings.js';
import type { Settings } from './settings.js';

const secret = (mark: string): string => `${mark}-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6Hs4Jf0Ga`;
const SECRETS = {
  JWT_SECRET: secret('a'),
  REFRESH_SECRET: secret('b'),
  CSRF_SECRET: secret('c'),
  DATA_ENCRYPTION_KEY: secret('d'),
};
const STRICT = { ...SECRETS, NODE_ENV: 'production' };
const OUTSIDE = { ...SECRETS, HOST: '0.0.0.0' };

describe('the configuration of the web', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'settings-'));
  });
  afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }));
  const load = (env: Record<string, string>): Settings =>
    loadSettings({ DATA_DIR: dataDir, ...env }, '1.2.3');

  it.each([
    [{ COOKIE_SAMESITE: 'none' }, /COOKIE_SECURE=on/],
    [{ ...STRICT, CORS_ORIGINS: 'https://a.example,http://b.example' }, /CORS_ORIGINS.*http:\/\/b\.example/],
    [{ CORS_ORIGINS: 'https://a.example/' }, /exact origins/],
    [{ CORS_ORIGINS: 'null' }, /exact origins/],
    [{ CORS_ORIGINS: 'https://*.example' }, /exact origins/],
    [{ ...STRICT, PUBLIC_URL: 'http://ai.example.com' }, /PUBLIC_URL/],
    [{ COOKIE_SECURE: 'off', PUBLIC_URL: 'https://ai.example.com' }, /COOKIE_SECURE/],
    [{ ...OUTSIDE, COOKIE_SECURE: 'off' }, /in the clear/],
    [{ ...STRICT, COOKIE_SECURE: 'off', TRUST_PROXY: '1' }, /behind a proxy/],
    [{ COOKIE_SECURE: 'off', TRUST_PROXY: '1' }, /behind a proxy/],
    [{ COOKIE_SECURE: 'off', TRUST_PROXY: '1', PUBLIC_URL: 'http://ai.example.com' }, /behind a proxy/],
    [{ TRUST_PROXY: '1', PUBLIC_URL: 'http://ai.example.com' }, /PUBLIC_URL must start with https/],
    [{ ...SECRETS, HOST: '192.168.1.10', COOKIE_SECURE: 'off' }, /in the clear/],
    [{ ...OUTSIDE, COOKIE_SECURE: 'off', PUBLIC_URL: 'http://192.168.1.10' }, /PUBLIC_URL/],
    [{ JWT_SECRET: SECRETS.JWT_SECRET, JWT_SECRET_PREVIOUS: 'short' }, /JWT_SECRET_PREVIOUS is too weak/],
    [{ ...STRICT, CSRF_SECRET_PREVIOUS: 'a'.repeat(40) }, /CSRF_SECRET_PREVIOUS is too weak/],
    [{ ...SECRETS, REFRESH_SECRET_PREVIOUS: SECRETS.REFRESH_SECRET }, /the secret before/],
  ])('%j refuses to start', (env, why) => {
    let message = 'started';
    try {
      load(env);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      ({ message } = error as Error);
    }
    expect(message).toMatch(why);
    expect(message).not.toMatch(/\n|q8Zr1mXv7Kp3/);
  });

  it.each([
    [{}, { cookieSecure: false, corsOrigins: ['http://localhost:3000', 'http://localhost:5173'] }],
    [STRICT, { cookieSecure: true, corsOrigins: [] }],
    [{ PUBLIC_URL: 'https://ai.example.com' }, { cookieSecure: true }],
    [{ TRUST_PROXY: '1' }, { cookieSecure: true }],
    [{ TRUST_PROXY: '1', PUBLIC_URL: 'http://localhost' }, { cookieSecure: false }],
    [{ ...STRICT, COOKIE_SECURE: 'off' }, { cookieSecure: false }],
    [
      { ...STRICT, COOKIE_SECURE: 'off', TRUST_PROXY: '1', PUBLIC_URL: 'http://localhost:8443' },
      { cookieSecure: false },
    ],
    [{ ...OUTSIDE, COOKIE_SECURE: 'off', PUBLIC_URL: 'http://localhost:8000' }, { cookieSecure: false }],
    [{ ...STRICT, CORS_ORIGINS: 'http://localhost:3000' }, { corsOrigins: ['http://localhost:3000'] }],
  ])('%j gives %j', (env, expected) => {
    expect(load(env as Record<string, string>)).toMatchObject(expected);
  });
});
