import { EXTRACTION_VARIABLES } from './extraction-variables.js';
import { ACCOUNT_VARIABLES } from './account-variables.js';
import { MAIL_VARIABLES } from './mail-variables.js';
import { STORAGE_VARIABLES } from './storage-variables.js';
import { bytes, duration, flag, integer, list, oneOf, text, url } from './variable.js';
import { RERANKER_VARIABLES } from './reranker-variables.js';
import { LLM_VARIABLES } from './variables-llm.js';

const DAY = 86_400;

/**
 * The whole configuration. `.env.example` and `docs/configuration.md` are printed from this table
 * (`npm run config:docs`), so a variable cannot exist undocumented. Every secret may also come from a file
 * named by the same variable with `_FILE` behind it.
 */
export const VARIABLES = {
  nodeEnv: text({
    env: 'NODE_ENV',
    group: 'Server',
    default: 'development',
    description: '`production` turns strict mode on.',
  }),
  host: text({
    env: 'HOST',
    group: 'Server',
    default: '127.0.0.1',
    description: 'Listen address. An address that is not loopback turns strict mode on.',
  }),
  port: integer(
    { min: 0, max: 65_535 },
    {
      env: 'PORT',
      group: 'Server',
      default: 8000,
      description: 'Listen port; `0` takes a free one and prints it.',
    },
  ),
  processRole: oneOf(['all', 'api', 'worker'], {
    env: 'PROCESS_ROLE',
    group: 'Server',
    default: 'all',
    description: 'What this process does: answer requests, work on jobs, or both.',
  }),
  logLevel: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    env: 'LOG_LEVEL',
    group: 'Server',
    default: 'info',
    description: 'Least severity that is logged.',
  }),
  logFormat: oneOf(['pretty', 'json'], {
    env: 'LOG_FORMAT',
    group: 'Server',
    default: undefined,
    defaultText: '`pretty` on a terminal, else `json`',
    description: 'Shape of the log.',
  }),
  metricsToken: text({
    env: 'METRICS_TOKEN',
    group: 'Server',
    default: undefined,
    secret: true,
    description: 'Bearer token for `/metrics`; without it only loopback may read them.',
  }),

  dataDir: text({
    env: 'DATA_DIR',
    group: 'Storage',
    default: './data',
    description: 'Embedded database, files, models and generated secrets. Made private to its owner at boot.',
  }),
  databaseUrl: url(['postgres:', 'postgresql:'], {
    env: 'DATABASE_URL',
    group: 'Storage',
    default: undefined,
    defaultText: 'embedded database',
    secret: true,
    description:
      'PostgreSQL 15 or newer. Turns strict mode on; migrations are then a command (`npm run migration:run`).',
  }),
  databasePoolSize: integer(
    { min: 2, max: 100 },
    {
      env: 'DATABASE_POOL_SIZE',
      group: 'Storage',
      default: 8,
      description: 'Connections to the database in each process.',
    },
  ),

  vectorStore: oneOf(['pgvector', 'chroma'], {
    env: 'VECTOR_STORE',
    group: 'Retrieval',
    default: undefined,
    defaultText: '`chroma` when `CHROMA_URL` is set, else `pgvector`',
    description: 'Where vectors are kept.',
  }),
  chromaUrl: url(['http:', 'https:'], {
    env: 'CHROMA_URL',
    group: 'Retrieval',
    default: undefined,
    description: 'ChromaDB server, such as `http://chroma:8000`.',
  }),
  chromaHeaders: text({
    env: 'CHROMA_HEADERS',
    group: 'Retrieval',
    default: undefined,
    secret: true,
    description: 'JSON object of headers for an authenticating proxy in front of ChromaDB.',
  }),
  chromaTenant: text({
    env: 'CHROMA_TENANT',
    group: 'Retrieval',
    default: 'default_tenant',
    description: 'ChromaDB tenant.',
  }),
  chromaDatabase: text({
    env: 'CHROMA_DATABASE',
    group: 'Retrieval',
    default: 'default_database',
    description: 'ChromaDB database.',
  }),
  vectorMemory: bytes({
    env: 'VECTOR_MEMORY',
    group: 'Retrieval',
    default: '512mb',
    description:
      'Memory in which each process holds the vectors of pgvector to search them (about 0.9 KB for each passage). An index that needs more is searched in the database.',
  }),
  lexicalIndex: oneOf(['segments', 'pg_textsearch'], {
    env: 'LEXICAL_INDEX',
    group: 'Retrieval',
    default: 'segments',
    description:
      'Word index: the built-in engine, or the `pg_textsearch` extension (PostgreSQL 17 or newer).',
  }),
  fusion: oneOf(['convex', 'rrf'], {
    env: 'FUSION',
    group: 'Retrieval',
    default: 'convex',
    description:
      'How scores by words and by meaning become one: `convex` weighs standardised scores, `rrf` adds reciprocal ranks (weaker on every collection measured).',
  }),

  modelsDir: text({
    env: 'MODELS_DIR',
    group: 'Encoder',
    default: undefined,
    defaultText: '`DATA_DIR/models`',
    description: 'Folder with encoders in transformers.js layout.',
  }),
  embeddingModel: text({
    env: 'EMBEDDING_MODEL',
    group: 'Encoder',
    default: 'all-MiniLM-L6-v2',
    description:
      'First encoder of a new installation, until something is embedded; later it is changed by `POST /admin/index` (docs/encoders.md). One of those that `src/embeddings/models.ts` names, or `gemini:<name>`, such as `gemini:gemini-embedding-001`, which sends every passage and query to Google.',
  }),
  geminiEmbeddingDimensions: integer(
    { min: 64, max: 4096 },
    {
      env: 'GEMINI_EMBEDDING_DIMENSIONS',
      group: 'Encoder',
      default: 768,
      description: 'Length of the vectors of a Gemini encoder.',
    },
  ),
  modelDownload: oneOf(['auto', 'off'], {
    env: 'MODEL_DOWNLOAD',
    group: 'Encoder',
    default: undefined,
    defaultText: '`auto`, in strict mode `off`',
    description:
      'Whether the server may fetch a missing encoder from the Hugging Face hub at its first start.',
  }),
  embeddingWorkers: integer(
    { min: 1, max: 16 },
    {
      env: 'EMBEDDING_WORKERS',
      group: 'Encoder',
      default: 2,
      description: 'Most worker threads that embed at the same time, each with one thread of computation.',
    },
  ),

  ...RERANKER_VARIABLES,

  ...LLM_VARIABLES,

  jwtSecret: text({
    env: 'JWT_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Signs access tokens. At least 32 characters.',
  }),
  jwtSecretPrevious: text({
    env: 'JWT_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Still verifies access tokens while `JWT_SECRET` is being rotated.',
  }),
  refreshSecret: text({
    env: 'REFRESH_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Authenticates refresh tokens and device cookies. At least 32 characters.',
  }),
  refreshSecretPrevious: text({
    env: 'REFRESH_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Previous `REFRESH_SECRET` during rotation.',
  }),
  csrfSecret: text({
    env: 'CSRF_SECRET',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description: 'Binds CSRF tokens to sessions. At least 32 characters.',
  }),
  csrfSecretPrevious: text({
    env: 'CSRF_SECRET_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Previous `CSRF_SECRET` during rotation.',
  }),
  dataEncryptionKey: text({
    env: 'DATA_ENCRYPTION_KEY',
    group: 'Secrets',
    default: undefined,
    defaultText: 'generated; required in strict mode',
    secret: true,
    description:
      'Encrypts secrets in the database that must be read back, such as those of second factors. At least 32 characters; without it they are lost.',
  }),
  dataEncryptionKeyPrevious: text({
    env: 'DATA_ENCRYPTION_KEY_PREVIOUS',
    group: 'Secrets',
    default: undefined,
    secret: true,
    description: 'Still decrypts while `DATA_ENCRYPTION_KEY` is being rotated.',
  }),

  adminEmail: text({
    env: 'ADMIN_EMAIL',
    group: 'Accounts',
    default: 'admin@localhost',
    description: 'First administrator, created only while there is no user.',
  }),
  adminPassword: text({
    env: 'ADMIN_PASSWORD',
    group: 'Accounts',
    default: undefined,
    defaultText: 'random, in `DATA_DIR/secrets/admin-password`',
    secret: true,
    description: 'Password of the first administrator. Strict mode needs it, or `npm run admin:create`.',
  }),
  registration: oneOf(['open', 'closed'], {
    env: 'REGISTRATION',
    group: 'Accounts',
    default: undefined,
    defaultText: '`open`, in strict mode `closed`',
    description: 'Whether anyone may register.',
  }),
  passwordMinLength: integer(
    { min: 12, max: 128 },
    {
      env: 'PASSWORD_MIN_LENGTH',
      group: 'Accounts',
      default: 15,
      description: 'Least number of characters in a password.',
    },
  ),
  accessTokenTtl: duration(
    { min: 10, max: DAY },
    { env: 'ACCESS_TOKEN_TTL', group: 'Accounts', default: '15m', description: 'Life of an access token.' },
  ),
  refreshTokenTtl: duration(
    { min: 60, max: 365 * DAY },
    {
      env: 'REFRESH_TOKEN_TTL',
      group: 'Accounts',
      default: '7d',
      description: 'A session ends when it is not refreshed for this long.',
    },
  ),
  sessionMaxAge: duration(
    { min: 60, max: 365 * DAY },
    {
      env: 'SESSION_MAX_AGE',
      group: 'Accounts',
      default: '30d',
      description: 'A session ends after this long in any case.',
    },
  ),
  refreshGrace: duration(
    { min: 0, max: 60 },
    {
      env: 'REFRESH_GRACE',
      group: 'Accounts',
      default: '20s',
      description:
        'How long the token just replaced still gets the same successor, so that two tabs do not sign each other out.',
    },
  ),
  maxSessions: integer(
    { min: 1, max: 1000 },
    {
      env: 'MAX_SESSIONS',
      group: 'Accounts',
      default: 20,
      description: 'Parallel sessions of a user; the oldest ends.',
    },
  ),

  auditRetentionDays: integer(
    { min: 0, max: 36_500 },
    {
      env: 'AUDIT_RETENTION_DAYS',
      group: 'Accounts',
      default: 365,
      description:
        'A month of the audit log is dropped when its last day is older than this, at least 30; `0` keeps all.',
    },
  ),
  ...MAIL_VARIABLES,
  ...ACCOUNT_VARIABLES,

  cookieSecure: flag({
    env: 'COOKIE_SECURE',
    group: 'Web',
    default: undefined,
    defaultText: 'off; on in strict mode and with an https `PUBLIC_URL`',
    description: 'Cookies only over HTTPS, with `__Secure-` and `__Host-` names.',
  }),
  cookieSameSite: oneOf(['lax', 'strict', 'none'], {
    env: 'COOKIE_SAMESITE',
    group: 'Web',
    default: 'lax',
    description: 'SameSite of the cookies; `none` needs secure cookies.',
  }),
  corsOrigins: list({
    env: 'CORS_ORIGINS',
    group: 'Web',
    default: '',
    defaultText: '`http://localhost:3000,http://localhost:5173`, in strict mode none',
    description: 'Exact origins of the front ends, separated by commas; https in strict mode.',
  }),
  allowedHosts: list({
    env: 'ALLOWED_HOSTS',
    group: 'Web',
    default: '',
    defaultText: 'any in strict mode, else loopback names',
    description: 'Host names that requests may carry.',
  }),
  publicUrl: url(['http:', 'https:'], {
    env: 'PUBLIC_URL',
    group: 'Web',
    default: undefined,
    defaultText: '`http://localhost:PORT`; required for SMTP',
    description:
      'Address under which users reach the front end and the server. Links in mails start with it.',
  }),
  streamWriteTimeout: duration(
    { min: 0.05, max: 3600 },
    {
      env: 'STREAM_WRITE_TIMEOUT',
      group: 'Web',
      default: '30s',
      description: 'A client that takes nothing of its event stream for this long is cut off.',
    },
  ),
  trustProxy: integer(
    { min: 0, max: 10 },
    {
      env: 'TRUST_PROXY',
      group: 'Web',
      default: 0,
      description: 'Number of reverse proxies in front whose `X-Forwarded-For` counts.',
    },
  ),
  openapiUi: flag({
    env: 'OPENAPI_UI',
    group: 'Web',
    default: true,
    description: 'Serves `/docs` and `/openapi.json`.',
  }),
  webhookAllowPrivate: flag({
    env: 'WEBHOOK_ALLOW_PRIVATE',
    group: 'Web',
    default: false,
    description:
      'Webhooks may go to private networks, this machine included, and over plain HTTP. Whoever has an account can then send requests there.',
  }),

  rateLimits: text({
    env: 'RATE_LIMITS',
    group: 'Limits',
    default: 'general=6000/1m,address=30000/1m,auth=120/1m,expensive=3000/1m',
    description:
      'Requests per window and process: `general` for each user, API key, or address of nobody who is signed in; `address` for all of an address, whoever they come from; `auth` on routes that check a password, `expensive` on queries, answers and writes; `off` for none. Guesses at passwords are counted apart and always.',
  }),
  maxBodyBytes: bytes({
    env: 'MAX_BODY_BYTES',
    group: 'Limits',
    default: '16mb',
    description: 'Largest JSON body.',
  }),
  maxUploadBytes: bytes({
    env: 'MAX_UPLOAD_BYTES',
    group: 'Limits',
    default: '100mb',
    description: 'Largest uploaded file.',
  }),
  minFreeBytes: bytes({
    env: 'MIN_FREE_BYTES',
    group: 'Limits',
    default: '200mb',
    description: 'Uploads are refused with 507 while less space is free.',
  }),
  ...EXTRACTION_VARIABLES,
  ...STORAGE_VARIABLES,
} as const;
