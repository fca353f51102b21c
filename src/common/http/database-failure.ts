import { AppError } from '../errors/app-error.js';

/** Too many connections, shutting down, connections that PostgreSQL broke off, and those that it does not take. */
const GONE_STATES = '57P01 57P02 57P03 53300 08006 08001 08003 28000 28P01 3D000'.split(' ');
const GONE_STATE = new Set(GONE_STATES);
/**
 * What a database says that cannot do it now: it only reads, as after a failover; a lock or a statement took longer than its
 * settings allow; transactions that it broke off or that met others; no memory, or a limit of its own.
 */
const UNABLE = new Set('25006 25P02 25P03 40001 40P01 53000 53200 53400 55P03 57014 57P05 58030'.split(' '));
const DISK_FULL = '53100';
/** Of an error that the driver brought, so that the connection can only be the database's. */
const DATABASE_GONE = new Set([...GONE_STATES, 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);
/** Of an attempt to connect. A name that nobody knows is that of a container that is stopped. */
const NO_WAY = new Set([...DATABASE_GONE, 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
const CONNECTING = new Set(['connect', 'getaddrinfo']);
/** What the pool says by itself. */
const POOL_GONE = /timeout exceeded when trying to connect|Connection terminated|^timeout expired$/;
/** Values that PostgreSQL cannot take: NUL characters, malformed text, numbers and times out of range. */
const BAD_VALUE = new Set(['22021', '22P05', '22P02', '22003', '22001', '22007', '22008']);

/** Raised by the database, whatever the way in which the last administrator would go. */
const LAST_ADMIN = 'AB001';

interface Faulty {
  code?: string;
  message?: string;
  syscall?: string;
  /** One for each address of a host that was tried. */
  errors?: { syscall?: string }[];
  driverError?: { code?: string; message?: string };
}

/**
 * Whether no connection could be had: TypeORM wraps what a query fails with, and hands this through as it came. Files and
 * pipes fail with the same codes, and `ECONNRESET` without a call is a client that hung up.
 */
function notConnected({ code = '', message = '', syscall, errors }: Faulty): boolean {
  if (GONE_STATE.has(code) || POOL_GONE.test(message)) return true;
  const call = syscall ?? errors?.[0]?.syscall ?? '';
  return (CONNECTING.has(call) && NO_WAY.has(code)) || (call === 'read' && code === 'ECONNRESET');
}

/** What an error of the database or of the way to it means for a client; undefined where it is something else. */
export function databaseFailure(error: unknown): AppError | undefined {
  const faulty = (error ?? {}) as Faulty;
  const unavailable = (): AppError =>
    new AppError('database_unavailable', 'The database does not answer. Try again.', { cause: error });
  if (faulty.driverError) {
    const code = faulty.driverError.code ?? '';
    if (code === LAST_ADMIN)
      return new AppError('last_admin', 'Make somebody else an administrator first.', { cause: error });
    if (BAD_VALUE.has(code))
      return new AppError('validation_failed', 'A value cannot be stored.', { cause: error });
    if (code === DISK_FULL)
      return new AppError('insufficient_storage', 'The database is out of storage space.', { cause: error });
    if (UNABLE.has(code) || DATABASE_GONE.has(code)) return unavailable();
    if (/terminat|timeout exceeded/i.test(faulty.message ?? '')) return unavailable();
  }
  return notConnected(faulty) ? unavailable() : undefined;
}
