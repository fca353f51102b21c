import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import type { DynamicModule } from '@nestjs/common';
import { loggableError } from './common/errors/loggable-error.js';
import { partOf, type Outages, type Part } from './common/errors/outages.js';
import { requestId } from './common/http/request-id.js';
import { toAppError } from './common/http/to-app-error.js';
import type { Settings } from './config/settings.js';

/** Header and body fields that carry secrets, wherever an object with them is logged. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'req.headers["x-api-key"]',
  'req.headers["x-csrf-token"]',
  'res.headers["set-cookie"]',
  '*.password',
  '*.new_password',
  '*.current_password',
  '*.token',
  '*.mfa_token',
  '*.recovery_code',
  '*.access_token',
  '*.refresh_token',
  '*.csrf_token',
];

/** What Nest says of itself at boot: a line for every route and module. */
const QUIET_CONTEXTS = new Set(['RouterExplorer', 'RoutesResolver', 'InstanceLoader', 'NestFactory']);

const WARN = 40;
/** What pino-http makes up for an answer that says by itself that something failed. */
const MADE_UP = 'failed with status code';

interface LoggedObject {
  context?: string;
  /** Of the problem that a request got. */
  code?: string;
  err?: unknown;
}

interface LoggedRequest {
  id: string;
  method: string;
  url: string;
}

/** The part that a line is about, where it says no more than that this one is away. */
function lostPart({ code, err }: LoggedObject): Part | undefined {
  // The job queue hands over copies of errors, which are none themselves.
  return partOf(code ?? (typeof err === 'object' && err !== null ? toAppError(err).code : ''));
}

/**
 * Structured request logs: one line for each request, without query strings, bodies or credentials. While a part is away,
 * requests that fail for it are logged in short, and all else that does not at all: `outages` tells.
 */
export function loggingModule(settings: Settings, outages: Outages): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level: settings.logLevel,
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
      genReqId: (request: IncomingMessage) => requestId(request),
      hooks: {
        logMethod(args, method, level) {
          const [first, ...rest] = args as [LoggedObject | string, ...unknown[]];
          if (typeof first !== 'object') return method.apply(this, args);
          if (QUIET_CONTEXTS.has(first.context ?? '')) return;
          const write = (): void => {
            // An error that comes without a text would lend its message to the line as it is.
            if (first.err instanceof Error && rest.length === 0)
              method.apply(this, [first, loggableError(first.err).message]);
            else method.apply(this, args);
          };
          const part = level < WARN ? undefined : lostPart(first);
          if (part === undefined) return write();
          if (first.code === undefined) return outages.tell(part, write);
          outages.tell(part, () => undefined);
          if (outages.isDown(part))
            method.apply(this, [{ ...first, err: undefined }, ...rest] as typeof args);
          else write();
        },
      },
      serializers: {
        // pino-http hands over what the library's own serializer made of an error, with the error in `raw`.
        err: (given: { raw?: unknown } | null) => loggableError(given?.raw ?? given),
        req: (request: LoggedRequest) => ({
          id: request.id,
          method: request.method,
          path: request.url.split('?')[0],
        }),
        res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      },
      customLogLevel: (request, response, error) => {
        // A probe that finds the server not ready yet is no failure of the server.
        if (response.statusCode === 503 && request.url?.startsWith('/health/')) return 'debug';
        if (error) return 'error';
        // Whatever failed was logged as an error where the answer was made.
        return response.statusCode >= 400 ? 'info' : 'debug';
      },
      customErrorObject: (_request, _response, error, given: object) =>
        error.message.startsWith(MADE_UP) ? { ...given, err: undefined } : given,
      ...(settings.logFormat === 'pretty'
        ? { transport: { target: 'pino-pretty', options: { singleLine: true, ignore: 'pid,hostname' } } }
        : {}),
    },
  });
}
