import { ACCOUNT_VARIABLES } from './account-variables.js';
import { EXTRACTION_VARIABLES } from './extraction-variables.js';
import { LLM_VARIABLES } from './llm-variables.js';
import { MAIL_VARIABLES } from './mail-variables.js';
import { RERANKER_VARIABLES } from './reranker-variables.js';
import { RETRIEVAL_VARIABLES } from './retrieval-variables.js';
import { SIGN_IN_VARIABLES } from './sign-in-variables.js';
import { STORAGE_VARIABLES } from './storage-variables.js';
import { integer, oneOf, text, url } from './variable.js';
import { WEB_VARIABLES } from './web-variables.js';

/**
 * The whole configuration. `.env.example` and `docs/configuration.md` are printed from this table
 * (`npm run config:docs`), so a variable cannot exist undocumented. Every secret may also come from a file
 * named by the same variable with `_FILE` behind it.
 */
export const VARIABLES = {
  // A misspelt `production` would be a server without strict mode.
  nodeEnv: oneOf(['development', 'test', 'production'], {
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

  ...RETRIEVAL_VARIABLES,
  ...RERANKER_VARIABLES,
  ...LLM_VARIABLES,
  ...SIGN_IN_VARIABLES,
  ...MAIL_VARIABLES,
  ...ACCOUNT_VARIABLES,
  ...WEB_VARIABLES,
  ...EXTRACTION_VARIABLES,
  ...STORAGE_VARIABLES,
} as const;
