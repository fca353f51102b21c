import path from 'node:path';
import type { LimitsByClass } from '../common/http/rate-limits.js';
import type { MailAddress, MailDestination } from './mail-settings.js';
import type { VARIABLES } from './variables.js';

type Values = { [K in keyof typeof VARIABLES]: ReturnType<(typeof VARIABLES)[K]['parse']> };

/** What the variables amount to once they are read together. */
interface Derived {
  /** Unsafe or missing values refuse to start; see `loadSettings`. */
  strict: boolean;
  embedded: boolean;
  dataDir: string;
  modelsDir: string;
  vectorStore: 'pgvector' | 'chroma';
  fileStore: 'directory' | 's3';
  s3ForcePathStyle: boolean;
  modelDownload: 'auto' | 'off';
  llm: 'none' | 'gemini';
  registration: 'open' | 'closed';
  cookieSecure: boolean;
  logFormat: 'pretty' | 'json';
  chromaHeaders: Record<string, string>;
  jwtSecret: string;
  refreshSecret: string;
  csrfSecret: string;
  dataEncryptionKey: string;
  mail: MailDestination;
  mailFrom: MailAddress;
  requireEmailVerification: boolean;
  registrationsNeedProof: boolean;
  sharesNeedProof: boolean;
  /** What links in mails start with; without a slash at its end. */
  linkBase: string;
  rateLimits: LimitsByClass;
  /** Tells apart what was written down from what was generated or left out. */
  packageVersion: string;
}

/** Typed configuration, read once at boot; also the injection token. Nothing else reads `process.env`. */
export abstract class Settings {}
export interface Settings extends Omit<Values, keyof Derived>, Derived {}

/** Where an installation keeps its state. */
export interface Locations extends Pick<Settings, 'dataDir' | 'databasePoolSize' | 'embedded' | 'fileStore'> {
  /** Names of the variables that give a secret: what is given is not kept in the data directory. */
  secretsFromEnvironment: string[];
}

export const secretsDir = (settings: Pick<Settings, 'dataDir'>): string =>
  path.join(settings.dataDir, 'secrets');
