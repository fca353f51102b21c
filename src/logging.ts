import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import type { DynamicModule } from '@nestjs/common';
import { loggableError } from './common/errors/loggable-error.js';
import { requestId } from './common/http/request-id.js';
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

interface LoggedObject {
  context?: string;
  err?: unknown;
}

interface LoggedRequest {
  id: string;
  method: string;
  url: string;
}

/** Structured request logs: one line for each request, without query strings, bodies or credentials. */
export function loggingModule(settings: Settings): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level: settings.logLevel,
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
      genReqId: (request: IncomingMessage) => requestId(request),
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args as [LoggedObject | string, ...unknown[]];
          if (typeof first === 'object' && QUIET_CONTEXTS.has(first.context ?? '')) return;
          // An error that comes without a text would lend its message to the line as it is.
          if (typeof first === 'object' && first.err instanceof Error && rest.length === 0)
            method.apply(this, [first, loggableError(first.err).message]);
          else method.apply(this, args);
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
        if (error || response.statusCode >= 500) return 'error';
        return response.statusCode >= 400 ? 'info' : 'debug';
      },
      ...(settings.logFormat === 'pretty'
        ? { transport: { target: 'pino-pretty', options: { singleLine: true, ignore: 'pid,hostname' } } }
        : {}),
    },
  });
}
