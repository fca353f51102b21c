/** What a log, an output for the operator, or a stored failure may hold of an error. */
export interface LoggableError {
  type: string;
  message: string;
  stack?: string;
  cause?: LoggableError;
  aggregateErrors?: LoggableError[];
  /** Names that the thrower chose: of the fault, of what it hit, of where it happened. */
  [name: string]: unknown;
}

/** Everything else stays out: parameters and texts of queries, details with values, configurations with keys. */
const KEPT = [
  'code',
  'errno',
  'syscall',
  'address',
  'port',
  'status',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
] as const;

const MOST_CHARACTERS = 2000;
const MOST_FRAMES = 50;
const MOST_ERRORS = 10;
const MOST_CAUSES = 5;

/**
 * Describes an error without the data it was about. Errors of database drivers and HTTP clients carry what was sent as
 * ordinary properties, and print it when they are logged or inspected as they are.
 */
export function loggableError(thrown: unknown, depth = 0): LoggableError {
  if (!(thrown instanceof Error) && !isErrorLike(thrown))
    return typeof thrown === 'string'
      ? { type: 'string', message: thrown.slice(0, MOST_CHARACTERS) }
      : { type: typeof thrown, message: 'what was thrown is no error' };
  const type = thrown.constructor?.name ?? thrown.name;
  const message = messageOf(thrown);
  const described: LoggableError = { type, message, stack: stackOf(thrown, type, message) };
  for (const name of KEPT) {
    const value: unknown = Reflect.get(thrown, name);
    if (typeof value === 'string' && value !== '') described[name] = value.slice(0, 200);
    else if (typeof value === 'number') described[name] = value;
  }
  if (depth >= MOST_CAUSES) return described;
  if (thrown.cause !== undefined && thrown.cause !== null)
    described.cause = loggableError(thrown.cause, depth + 1);
  const { errors } = thrown as { errors?: unknown };
  if (Array.isArray(errors) && errors.every((error) => error instanceof Error))
    described.aggregateErrors = errors.slice(0, MOST_ERRORS).map((error) => loggableError(error, depth + 1));
  return described;
}

/** An error that whoever stores or prints errors with all of their properties may have. */
export function withoutData(thrown: unknown): Error {
  const { type, message, stack } = loggableError(thrown);
  const error = new Error(message);
  error.name = type;
  error.stack = stack ?? error.name;
  return error;
}

// Not `instanceof` alone: errors of another realm (a test's, a context of its own) are errors, too.
const isErrorLike = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && typeof (thrown as Error).message === 'string';

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Integrity violations and unknown names: what PostgreSQL quotes there are names of the schema. */
const QUOTES_NAMES = /^(23|42(?!601))/;

function messageOf(error: Error): string {
  return (quotesData(error) ? withoutQuotes(error.message) : error.message).slice(0, MOST_CHARACTERS);
}

/** PostgreSQL quotes the value that it could not read, and the parser of JSON the text around its fault. */
function quotesData(error: Error): boolean {
  if (error instanceof SyntaxError || error.name === 'SyntaxError') return true;
  const { code, severity, driverError } = error as {
    code?: unknown;
    severity?: unknown;
    driverError?: unknown;
  };
  const state = typeof code === 'string' && SQLSTATE.test(code) ? code : undefined;
  const fromDatabase = driverError !== undefined || (severity !== undefined && state !== undefined);
  return fromDatabase && !QUOTES_NAMES.test(state ?? '');
}

// From the first to the last one: a value may hold quotes of its own.
const withoutQuotes = (message: string): string => message.replace(/"[^]*"/, '"…"');

const FRAME = /^\s+at .*(:\d+:\d+\)?|\(native\)|<anonymous>\)?)$/;

/** The frames alone belong to the code: the lines above them repeat the message, whatever it holds. */
function stackOf(error: Error, type: string, message: string): string {
  const { stack } = error;
  const text = typeof stack === 'string' ? stack : '';
  const at = error.message === '' ? -1 : text.indexOf(error.message);
  const frames = text
    .slice(at < 0 ? 0 : at + error.message.length)
    .split('\n')
    .filter((line) => FRAME.test(line));
  return [`${type}: ${message}`, ...frames.slice(0, MOST_FRAMES)].join('\n');
}
