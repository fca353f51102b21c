import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load-settings.js';

const secret = (mark: string): string => `${mark}-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6Hs4Jf0Ga`;
const strong = {
  JWT_SECRET: secret('a'),
  REFRESH_SECRET: secret('b'),
  CSRF_SECRET: secret('c'),
  DATA_ENCRYPTION_KEY: secret('d'),
};

describe('loadSettings', () => {
  let dataDir: string;
  const load = (env: Record<string, string>) => loadSettings({ DATA_DIR: dataDir, ...env }, '1.2.3');
  const refusal = (env: Record<string, string>): string => {
    try {
      load(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    return 'accepted';
  };

  beforeEach(() => {
    dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'settings-'));
  });
  afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }));

  it('runs without any variable, with secrets of its own that stay', () => {
    const first = load({});
    expect(first).toMatchObject({
      strict: false,
      embedded: true,
      port: 8000,
      registration: 'open',
      cookieSecure: false,
    });
    expect(load({}).jwtSecret).toBe(first.jwtSecret);
    expect(new Set([first.jwtSecret, first.refreshSecret, first.csrfSecret]).size).toBe(3);
    expect(fs.statSync(path.join(dataDir, 'secrets', 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('says in one line that secrets cannot be kept where there is no folder', () => {
    const file = path.join(dataDir, 'taken');
    fs.writeFileSync(file, '');
    expect(() => load({ DATA_DIR: file })).toThrow(ConfigError);
    expect(() => load({ DATA_DIR: file })).toThrow(/^DATA_DIR cannot hold .*: ENOTDIR/);
  });

  it.each([{ NODE_ENV: 'production' }, { HOST: '0.0.0.0' }, { DATABASE_URL: 'postgres://db/x' }])(
    'is strict with %j',
    (env) => {
      expect(refusal(env as Record<string, string>)).toMatch(/^JWT_SECRET is required/);
      const settings = load({ ...(env as Record<string, string>), ...strong });
      expect(settings).toMatchObject({
        strict: true,
        registration: 'closed',
        cookieSecure: true,
        modelDownload: 'off',
      });
    },
  );

  it.each([
    ['x'.repeat(64), /too weak/],
    ['changeme-changeme-changeme-changeme-123', /too weak/],
    ['short', /too weak/],
  ])('refuses the secret %s', (value, message) => {
    expect(refusal({ NODE_ENV: 'production', ...strong, JWT_SECRET: value })).toMatch(message);
  });

  it('refuses a Gemini encoder without a key or a name', () => {
    expect(refusal({ EMBEDDING_MODEL: 'gemini:gemini-embedding-001' })).toMatch(/needs GOOGLE_API_KEY/);
    expect(refusal({ EMBEDDING_MODEL: 'gemini:', GOOGLE_API_KEY: 'k' })).toMatch(/needs a name/);
  });

  it('refuses one secret for two purposes', () => {
    expect(refusal({ ...strong, CSRF_SECRET: strong.JWT_SECRET })).toMatch(/must differ/);
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '70000'],
    ['ACCESS_TOKEN_TTL', '15'],
    ['MAX_UPLOAD_BYTES', 'lots'],
    ['MAX_UPLOAD_BYTES', '0'],
    ['MAX_BODY_BYTES', '0'],
    ['MAX_BODY_BYTES', '3gb'],
    ['VECTOR_MEMORY', '512'],
    ['EXTRACT_MEMORY', '1mb'],
    ['QUOTA_BYTES', '0'],
    ['NODE_ENV', 'prod'],
    ['ADMIN_EMAIL', 'admin'],
    ['DATABASE_URL', 'mysql://x'],
    ['DATABASE_URL', 'postgres://me:50%off@db/x'],
    ['MAIL_URL', 'smtp://me:50%off@mail.example.com'],
    ['ALLOWED_HOSTS', 'https://api.example.com'],
    ['ALLOWED_HOSTS', 'api.example.com:8443'],
    ['ALLOWED_HOSTS', '*.example.com'],
    ['VECTOR_STORE', 'faiss'],
    ['CORS_ORIGINS', '*'],
    ['RATE_LIMITS', 'many'],
    ['RATE_LIMITS', 'general=0/1m'],
    ['RATE_LIMITS', 'general=5/0s'],
    ['RATE_LIMITS', 'general=5/577h'],
    ['CHROMA_HEADERS', '["x"]'],
    ['RATE_LIMITS', 'auth=5/1m,auth=off'],
    ['RATE_LIMITS', 'passwords=5/1m'],
    ['COOKIE_SAMESITE', 'none'],
    ['PROCESS_ROLE', 'worker'],
    ['MAIL_URL', 'https://mail.example.com'],
    ['MAIL_URL', 'smtp://mail.example.com?ignoreTLS=1'],
    ['MAIL_FROM', 'somebody'],
  ])('refuses %s=%s in one line that names the variable', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(name);
    expect(message).not.toContain('\n');
  });

  it('takes white space around a value for none, and nothing else for nothing', () => {
    const settings = load({ PORT: ' 4100 ', DATA_DIR: ' ', METRICS_TOKEN: '  ' });
    expect(settings.port).toBe(4100);
    expect(settings.dataDir).toBe(path.resolve('data'));
    expect(settings.metricsToken).toBeUndefined();
    expect(load({ METRICS_TOKEN: 'a token\n' }).metricsToken).toBe('a token\n');
  });

  it('changes the limits that RATE_LIMITS names, and no other', () => {
    const standard = load({}).rateLimits;
    expect(Object.keys(standard).sort()).toEqual(['address', 'auth', 'expensive', 'general']);
    expect(load({ RATE_LIMITS: 'general=50/2h' }).rateLimits).toEqual({
      ...standard,
      general: { points: 50, window: 7200 },
    });
    const { auth, ...others } = standard;
    expect(auth).toBeDefined();
    expect(load({ RATE_LIMITS: 'general=1000000000/1m' }).rateLimits).toMatchObject({
      general: { points: 1_000_000_000, window: 60 },
    });
    expect(load({ RATE_LIMITS: 'auth=off' }).rateLimits).toEqual(others);
    expect(load({ RATE_LIMITS: 'off' }).rateLimits).toEqual({});
  });

  it('never repeats a secret in an error', () => {
    expect(refusal({ CHROMA_HEADERS: 'tok-123-secret' })).not.toContain('tok-123');
    expect(refusal({ DATABASE_URL: 'mysql://user:hunter2@x' })).not.toContain('hunter2');
    expect(refusal({ MAIL_URL: 'smpt://user:hunter2@x' })).not.toContain('hunter2');
  });

  it('reads secrets from files', () => {
    const file = path.join(dataDir, 'jwt');
    fs.writeFileSync(file, `${strong.JWT_SECRET}\n`);
    expect(load({ JWT_SECRET_FILE: file }).jwtSecret).toBe(strong.JWT_SECRET);
    expect(refusal({ JWT_SECRET_FILE: '/no/such/file' })).toMatch(/cannot read/);
  });

  it('puts mails into a folder unless there is a server, which needs a sender and an address for links', () => {
    expect(load({})).toMatchObject({
      mail: { kind: 'folder', dir: path.join(dataDir, 'outbox') },
      requireEmailVerification: false,
      registrationsNeedProof: false,
      sharesNeedProof: false,
      linkBase: 'http://localhost:8000',
    });
    expect(load({ MAIL_URL: 'file:///var/mail/out' }).mail).toEqual({ kind: 'folder', dir: '/var/mail/out' });
    const smtp = { MAIL_URL: 'smtp://u%40x:p%2Fw@mail.example.com', PUBLIC_URL: 'https://ai.example.com/' };
    expect(refusal(smtp)).toMatch(/MAIL_FROM/);
    expect(refusal({ ...smtp, MAIL_FROM: 'a@example.com', PUBLIC_URL: '' })).toMatch(/PUBLIC_URL/);
    expect(load({ ...smtp, MAIL_FROM: 'Our Name <a@example.com>' })).toMatchObject({
      mail: {
        kind: 'smtp',
        host: 'mail.example.com',
        port: 587,
        secure: false,
        requireTls: true,
        user: 'u@x',
        password: 'p/w',
      },
      mailFrom: { name: 'Our Name', address: 'a@example.com' },
      requireEmailVerification: true,
      sharesNeedProof: true,
      linkBase: 'https://ai.example.com',
    });
  });

  it('lets CHROMA_URL and GOOGLE_API_KEY choose their parts', () => {
    expect(load({ CHROMA_URL: 'http://chroma:8000', GOOGLE_API_KEY: 'k' })).toMatchObject({
      vectorStore: 'chroma',
      llm: 'gemini',
    });
    expect(refusal({ VECTOR_STORE: 'chroma' })).toMatch(/CHROMA_URL/);
  });
});
