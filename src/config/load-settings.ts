import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { checkWeb, isForThisMachine, isLoopback } from './check-web.js';
import { ConfigError } from './config-error.js';
import { generatedSecret } from './generated-secret.js';
import type { LimitClass, LimitsByClass } from '../common/http/rate-limits.js';
import { mailDestination, mailSender } from './mail-settings.js';
import { secretsDir, type Locations, type Settings } from './settings.js';
import type { Variable } from './variable.js';
import { VARIABLES } from './variables.js';

/** Where development servers of front ends listen. */
const LOCAL_FRONT_ENDS = ['http://localhost:3000', 'http://localhost:5173'];

type Environment = Record<string, string | undefined>;
type Parsed = { [K in keyof typeof VARIABLES]: ReturnType<(typeof VARIABLES)[K]['parse']> };

const MIN_SECRET_LENGTH = 32;
const SECRETS = {
  jwtSecret: 'JWT_SECRET',
  refreshSecret: 'REFRESH_SECRET',
  csrfSecret: 'CSRF_SECRET',
  dataEncryptionKey: 'DATA_ENCRYPTION_KEY',
} as const;

/** Reads one variable; a `_FILE` twin names a file that holds it, as container secrets do. */
function read(variable: Variable<unknown>, env: Environment): unknown {
  const given = env[variable.env];
  // A secret may hold any signs, but not white space alone.
  let raw = (variable.secret && given?.trim() ? given : given?.trim()) || undefined;
  const file = env[`${variable.env}_FILE`];
  if (raw === undefined && file) {
    try {
      raw = fs.readFileSync(file, 'utf8').trimEnd() || undefined;
    } catch {
      throw new ConfigError(`${variable.env}_FILE: cannot read ${file}`);
    }
  }
  try {
    return variable.parse(raw);
  } catch (error) {
    const shown = variable.secret ? '' : `, not "${raw}"`;
    throw new ConfigError(`${variable.env} ${(error as Error).message}${shown}`);
  }
}

const SECONDS = { s: 1, m: 60, h: 3600 };
/** Longer ones a timer cannot wait for. */
const LONGEST_WINDOW = 24 * 24 * 3600;

/** What is named goes over `base`; the other classes stay as they are there. */
function parseRateLimits(raw: string, base: LimitsByClass): LimitsByClass {
  if (raw === 'off') return {};
  const limits = { ...base };
  const named = new Set<string>();
  for (const part of raw.split(',')) {
    const match = /^(general|address|auth|expensive)=(?:(off)|([1-9]\d{0,11})\/([1-9]\d{0,4})(s|m|h))$/.exec(
      part.trim(),
    );
    if (!match || named.has(match[1]!))
      throw new ConfigError(
        `RATE_LIMITS must be off, or name classes once each like general=600/1m,auth=30/1m,expensive=off, not "${raw}"`,
      );
    const [, name, off, points, count, unit] = match as unknown as [string, LimitClass, ...string[]];
    named.add(name);
    const window = Number(count) * SECONDS[unit as keyof typeof SECONDS];
    if (off) delete limits[name];
    else if (window > LONGEST_WINDOW)
      throw new ConfigError(`RATE_LIMITS may count over 24 days (576h) at most, not "${part.trim()}"`);
    else limits[name] = { points: Number(points), window };
  }
  return limits;
}

function parseHeaders(raw: string | undefined): Record<string, string> {
  if (raw === undefined) return {};
  try {
    const value: unknown = JSON.parse(raw);
    if (
      value &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.values(value).every((v) => typeof v === 'string')
    )
      return value as Record<string, string>;
  } catch {
    // Falls through: the message must not repeat what may be a secret.
  }
  throw new ConfigError('CHROMA_HEADERS must be a JSON object of strings');
}

/** Too regular to be a secret: few different characters, or a placeholder somebody forgot. */
function isWeak(secret: string): boolean {
  if (secret.length < MIN_SECRET_LENGTH || new Set(secret).size < 10) return true;
  return /change.?me|your.?secret|example|password|default/i.test(secret);
}

function secrets(parsed: Parsed, strict: boolean, dataDir: string): Record<keyof typeof SECRETS, string> {
  const dir = secretsDir({ dataDir });
  const result = {} as Record<keyof typeof SECRETS, string>;
  for (const [key, env] of Object.entries(SECRETS) as [keyof typeof SECRETS, string][]) {
    const given = parsed[key];
    if (given === undefined && strict)
      throw new ConfigError(
        `${env} is required in strict mode: set it to at least ${MIN_SECRET_LENGTH} random characters`,
      );
    // The previous one still proves who somebody is.
    const previous = parsed[`${key}Previous`];
    for (const [name, value] of [
      [env, given],
      [`${env}_PREVIOUS`, previous],
    ] as const)
      if (value !== undefined && (strict ? isWeak(value) : value.length < MIN_SECRET_LENGTH))
        throw new ConfigError(
          `${name} is too weak: use at least ${MIN_SECRET_LENGTH} random characters, for example from "openssl rand -base64 48"`,
        );
    if (previous !== undefined && previous === given)
      throw new ConfigError(`${env}_PREVIOUS must be the secret before ${env}, not the same`);
    const file = path.join(dir, env.toLowerCase().replaceAll('_', '-'));
    result[key] = given ?? generatedSecret(file, () => randomBytes(48).toString('base64url'));
  }
  if (new Set(Object.values(result)).size !== Object.keys(SECRETS).length)
    throw new ConfigError(`${Object.values(SECRETS).join(', ')} must differ from each other`);
  return result;
}

/** Secrets that come from the environment: they are not in the data directory. */
const givenSecrets = (env: Environment): string[] =>
  Object.values(SECRETS).filter((name) => env[name] || env[`${name}_FILE`]);

/**
 * Where the state is, for commands that handle it as a whole. Nothing is generated and nothing else is checked, for
 * such a command may run before there is anything.
 */
export function loadLocations(env: Environment): Locations {
  const fileStore = read(VARIABLES.fileStore, env) as Locations['fileStore'] | undefined;
  return {
    dataDir: path.resolve(read(VARIABLES.dataDir, env) as string),
    databasePoolSize: read(VARIABLES.databasePoolSize, env) as number,
    embedded: read(VARIABLES.databaseUrl, env) === undefined,
    fileStore: fileStore ?? (read(VARIABLES.s3Bucket, env) === undefined ? 'directory' : 's3'),
    secretsFromEnvironment: givenSecrets(env),
  };
}

function checkCombinations(s: Settings): void {
  if (s.embeddingModel.startsWith('gemini:') && !s.googleApiKey)
    throw new ConfigError(`EMBEDDING_MODEL=${s.embeddingModel} needs GOOGLE_API_KEY`);
  if (s.embeddingModel === 'gemini:')
    throw new ConfigError('EMBEDDING_MODEL=gemini: needs a name, such as gemini:gemini-embedding-001');
  if (s.vectorStore === 'chroma' && !s.chromaUrl)
    throw new ConfigError('VECTOR_STORE=chroma needs CHROMA_URL');
  if (s.fileStore === 's3' && !s.s3Bucket) throw new ConfigError('FILE_STORE=s3 needs S3_BUCKET');
  if ((s.s3AccessKeyId === undefined) !== (s.s3SecretAccessKey === undefined))
    throw new ConfigError('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together');
  if (s.s3Prefix !== '' && !/^[\w.-]+(\/[\w.-]+)*\/$/.test(s.s3Prefix))
    throw new ConfigError('S3_PREFIX must look like folder/ or folder/folder/');
  if (s.llm === 'gemini' && !s.googleApiKey) throw new ConfigError('LLM=gemini needs GOOGLE_API_KEY');
  if (s.embedded && s.processRole !== 'all')
    throw new ConfigError(
      `PROCESS_ROLE=${s.processRole} needs DATABASE_URL: the embedded database serves one process`,
    );
  if (s.embedded && s.lexicalIndex === 'pg_textsearch')
    throw new ConfigError(
      'LEXICAL_INDEX=pg_textsearch needs DATABASE_URL: in the embedded database it is too slow to answer with',
    );
  checkWeb(s);
  if (s.auditRetentionDays > 0 && s.auditRetentionDays < 30)
    throw new ConfigError('AUDIT_RETENTION_DAYS must be 0 or at least 30');
  if (s.mail.kind === 'smtp' && s.publicUrl === undefined)
    throw new ConfigError('MAIL_URL with SMTP needs PUBLIC_URL: links in mails start with it');
  if (!/^[^\s@]+@[^\s@]+$/.test(s.adminEmail))
    throw new ConfigError('ADMIN_EMAIL must be an e-mail address such as admin@example.com');
  const admin = s.adminPassword;
  if (admin !== undefined && [...admin].length < s.passwordMinLength)
    throw new ConfigError(`ADMIN_PASSWORD must have at least ${s.passwordMinLength} characters`);
}

/**
 * Parses and checks the whole environment.
 * @throws ConfigError with one line that names the variable and what it accepts.
 */
export function loadSettings(env: Environment, packageVersion: string): Settings {
  const parsed = Object.fromEntries(
    Object.entries(VARIABLES).map(([key, v]) => [key, read(v, env)]),
  ) as Parsed;
  const strict =
    parsed.nodeEnv === 'production' || parsed.databaseUrl !== undefined || !isLoopback(parsed.host);
  const dataDir = path.resolve(parsed.dataDir);
  const mail = mailDestination(parsed.mailUrl, dataDir);
  const settings: Settings = {
    ...parsed,
    strict,
    packageVersion,
    embedded: parsed.databaseUrl === undefined,
    dataDir,
    modelsDir: path.resolve(parsed.modelsDir ?? path.join(dataDir, 'models')),
    vectorStore: parsed.vectorStore ?? (parsed.chromaUrl ? 'chroma' : 'pgvector'),
    fileStore: parsed.fileStore ?? (parsed.s3Bucket ? 's3' : 'directory'),
    s3ForcePathStyle: parsed.s3ForcePathStyle ?? parsed.s3Endpoint !== undefined,
    modelDownload: parsed.modelDownload ?? (strict ? 'off' : 'auto'),
    llm: parsed.llm ?? (parsed.googleApiKey ? 'gemini' : 'none'),
    registration: parsed.registration ?? (strict ? 'closed' : 'open'),
    cookieSecure:
      parsed.cookieSecure ??
      (strict ||
        (parsed.publicUrl?.startsWith('https:') ?? false) ||
        (parsed.trustProxy > 0 && !isForThisMachine(parsed.publicUrl))),
    corsOrigins: parsed.corsOrigins.length > 0 || strict ? parsed.corsOrigins : LOCAL_FRONT_ENDS,
    logFormat: parsed.logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    chromaHeaders: parseHeaders(parsed.chromaHeaders),
    mail,
    mailFrom: mailSender(parsed.mailFrom, mail),
    requireEmailVerification: parsed.requireEmailVerification ?? mail.kind === 'smtp',
    registrationsNeedProof: parsed.registrationsNeedProof ?? strict,
    sharesNeedProof: parsed.sharesNeedProof ?? mail.kind === 'smtp',
    linkBase: (parsed.publicUrl ?? `http://localhost:${parsed.port}`).replace(/[/?#]*$/, ''),
    rateLimits: parseRateLimits(
      parsed.rateLimits,
      parseRateLimits(VARIABLES.rateLimits.parse(undefined), {}),
    ),
    ...secrets(parsed, strict, dataDir),
  };
  checkCombinations(settings);
  return settings;
}
