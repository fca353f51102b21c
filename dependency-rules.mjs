// Who may import whom (docs/decisions/0003-delivery.md). Run by `npm run deps:check`.
import fs from 'node:fs';
import path from 'node:path';

const BASE = ['common', 'config', 'database'];
const LEAVES = ['jobs', 'audit', 'mail', 'privacy', 'idempotency'];
/** Leaves that stand on another leaf. */
const LEAF_EDGES = { mail: ['jobs'] };
const COMMANDS = 'cli';

/** A feature that is not named here may use no other feature; `'*'` is any, by its front door. */
const EDGES = {
  auth: ['users', 'collections'],
  users: ['collections'],
  documents: ['collections', 'storage'],
  ingestion: ['collections', 'documents', 'storage', 'embeddings', 'vector', 'lexical'],
  conversations: ['collections', 'documents'],
  rag: ['collections', 'documents', 'conversations', 'embeddings', 'vector', 'lexical', 'llm', 'reranking'],
  encoders: ['collections', 'documents', 'embeddings', 'vector', 'ingestion', 'rag'],
  evaluation: ['rag', 'collections', 'documents', 'conversations', 'users'],
  openai: ['rag', 'documents', 'collections', 'embeddings', 'llm'],
  mcp: ['rag', 'documents', 'collections', 'embeddings', 'llm'],
  webhooks: ['documents'],
  account: ['auth', 'users', 'collections', 'documents'],
  health: '*',
  admin: '*',
};

/** Where an outside library may be imported; everywhere else it is a port's business. */
const JAILS = {
  'chromadb|@chroma-core/.+': '^src/vector/adapters/chroma/',
  '@huggingface/.+|onnxruntime-.+': '^src/(embeddings|reranking)/adapters/transformers/',
  '@google/genai': '^src/(llm|embeddings)/adapters/gemini/',
  'pg-boss': '^src/jobs/',
  '@aws-sdk/.+': '^src/storage/adapters/s3/',
  '@electric-sql/.+': '^src/database/embedded/',
  argon2: '^src/auth/passwords/',
  'passport|passport-jwt|@nestjs/passport|@nestjs/jwt|jsonwebtoken': '^src/auth/',
  '@embedpdf/.+|parse5|officeparser|chardet|file-type|@e965/xlsx|word-extractor|postal-mime|@kenjiuno/msgreader|csv-parse|saxes|utif2|tesseract[.]js-core|@tesseract[.]js-data/.+':
    '^src/ingestion/extract/',
  yauzl: '^src/(ingestion/extract|embeddings/store)/',
  eld: '^src/ingestion/chunk/language',
  'snowball-stemmers': '^src/lexical/analyser/',
  'prom-client': '^src/health/',
  'rate-limiter-flexible': '^src/(common/http|auth/passwords)/',
  'pino|pino-http|pino-pretty|nestjs-pino': '^src/(logging|app[.]setup)[.]ts$',
  multer: '^src/documents/',
  nodemailer: '^src/mail/adapters/',
  otplib: '^src/auth/mfa/',
  helmet: '^src/app[.]setup[.]ts$',
  pg: '^src/database/',
  'tar-stream': '^src/cli/backup/',
};

const folders = fs
  .readdirSync(path.join(import.meta.dirname, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const features = folders.filter((name) => ![...BASE, ...LEAVES, COMMANDS].includes(name));
const anyOf = (names) => `^src/(${names.join('|')})/`;

const FRONT_DOOR = '[.](module|service|port|types)[.]ts$';
/** What a feature offers to the threads of others, which get no services. */
const THREAD_DOOR = '^src/embeddings/token-counter[.]ts$';
const CONTROLLER = '[.]controller[.]ts$';
const SPEC = '[.]spec[.]ts$';
/** Files that a thread or a child process loads by address: nobody imports them, and they hold no application. */
const THREAD = '[.](worker|child)[.]ts$';
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

const featureGraph = features
  .filter((name) => EDGES[name] !== '*')
  .map((name) =>
    forbid(
      `${name}-sees-only-its-neighbours`,
      { path: `^src/${name}/`, pathNot: SPEC },
      { path: anyOf(features), pathNot: anyOf([name, ...(EDGES[name] ?? [])]) },
    ),
  );

const leaves = LEAVES.filter((name) => folders.includes(name)).map((name) =>
  forbid(
    `${name}-is-a-leaf`,
    { path: `^src/${name}/` },
    { path: '^src/', pathNot: anyOf([name, ...BASE, ...(LEAF_EDGES[name] ?? [])]) },
  ),
);

const jails = Object.entries(JAILS).map(([packages, home]) =>
  forbid(
    `jail-of-${packages.split('|')[0]}`,
    { path: '^src/', pathNot: [home, SPEC] },
    { path: `(^|/)node_modules/(@types/)?(${packages})/` },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid('no-circular', {}, { circular: true }),
    forbid('not-to-unresolvable', {}, { couldNotResolve: true }),
    forbid(
      'no-orphans',
      {
        orphan: true,
        path: '^src/',
        pathNot: ['^src/main[.]ts$', `^src/${COMMANDS}/`, THREAD, '[.]d[.]ts$'],
      },
      {},
    ),
    forbid('no-barrels', { path: '/index[.]ts$' }, {}),
    forbid('no-dev-dependencies', { path: '^src/', pathNot: SPEC }, { dependencyTypes: ['npm-dev'] }),
    forbid('declared-dependencies-only', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    forbid(
      'source-not-to-test',
      { path: '^src/', pathNot: SPEC },
      { path: `^(test|bench|migrations|data)/|${SPEC}` },
    ),
    forbid('migrations-are-frozen', { path: '^migrations/' }, { pathNot: '(^|/)node_modules/typeorm/' }),

    forbid('common-is-a-leaf', { path: '^src/common/' }, { path: '^src/', pathNot: '^src/common/' }),
    forbid(
      'config-sees-only-common',
      { path: '^src/config/' },
      { path: '^src/', pathNot: anyOf(['common', 'config']) },
    ),
    forbid(
      'database-sees-only-the-base',
      { path: '^src/database/' },
      { path: '^src/', pathNot: anyOf(BASE) },
    ),
    ...leaves,
    forbid(
      'nobody-imports-the-root',
      { path: anyOf([...features, ...BASE, ...LEAVES]) },
      { path: '^src/[^/]+[.]ts$' },
    ),
    forbid(
      'nobody-imports-commands',
      { path: anyOf([...features, ...BASE, ...LEAVES]) },
      { path: `^src/${COMMANDS}/` },
    ),

    ...featureGraph,
    forbid(
      'feature-front-door',
      { path: `^src/(${features.join('|')})/`, pathNot: [SPEC, CONTROLLER] },
      { path: anyOf([...features, ...LEAVES]), pathNot: ['^src/$1/', FRONT_DOOR, THREAD_DOOR] },
    ),
    // What a route answers with may be the shape that another feature shows.
    forbid(
      'feature-front-door-of-controllers',
      { path: `^src/(${features.join('|')})/.*${CONTROLLER}` },
      {
        path: anyOf([...features, ...LEAVES]),
        pathNot: ['^src/$1/', FRONT_DOOR, '[.]dto[.]ts$'],
      },
    ),
    forbid(
      'ports-are-pure',
      { path: '[.]port[.]ts$' },
      { path: '.', pathNot: ['[.](port|types)[.]ts$', '^src/common/errors/'], dependencyTypesNot: ['core'] },
    ),
    forbid(
      'adapters-behind-their-module',
      {
        path: '^src/',
        // Commands install models without an application, and a model is accepted by loading it.
        pathNot: ['[.]module[.]ts$', '/adapters/', '^src/embeddings/store/install-model[.]ts$', SPEC],
      },
      { path: '/adapters/' },
    ),
    forbid(
      'controllers-see-services-only',
      { path: '[.]controller[.]ts$' },
      { path: '[.](entity|repository|port)[.]ts$|/adapters/' },
    ),
    forbid(
      'services-know-no-http',
      { path: '[.](service|repository|port)[.]ts$|/adapters/' },
      {
        path: '[.](controller|guard|filter|interceptor)[.]ts$|(^|/)node_modules/(@types/)?(express|@nestjs/swagger)/',
      },
    ),
    forbid(
      'threads-are-plain',
      { path: THREAD },
      { path: '(^|/)node_modules/(@nestjs|typeorm)/', reachable: true },
    ),

    ...jails,
    forbid(
      'jail-of-typeorm',
      {
        path: '^src/',
        pathNot: ['[.](entity|repository|module)[.]ts$', '/adapters/', '^src/(database|jobs)/', SPEC],
      },
      { path: '(^|/)node_modules/(typeorm|@nestjs/typeorm)/' },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'types', 'default'], exportsFields: ['exports'] },
  },
};
