import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet, { contentSecurityPolicy } from 'helmet';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { hasCredential } from './auth/http/credentials.js';
import { bodyGuard } from './common/http/body-guard.js';
import { bodyProgress } from './common/http/body-progress.js';
import { jsonBody } from './common/http/json-body.js';
import { Connections } from './common/http/drain.js';
import { addressLimit } from './common/http/rate-limit.js';
import { RequestLimits } from './common/http/request-limits.service.js';
import { hostGuard } from './common/http/host-guard.js';
import { STREAM_WRITE_TIMEOUT } from './common/http/sse.js';
import type { Settings } from './config/settings.js';
import type { OpenDatabase } from './database/data-source.js';
import { prepareDatabase } from './database/prepare-database.js';
import { DocumentChanges } from './documents/events/document-changes.service.js';
import { checkEncoder } from './embeddings/embeddings.module.js';
import { setupOpenApi } from './openapi.js';

/** For answers that no browser should show as a page. */
const NOTHING = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** For requests that are under way when the server is told to stop; what is left of its time is for the jobs. */
const DRAIN_MS = 15_000;

export interface RunningApp {
  app: NestExpressApplication;
  /** Ends requests, jobs, workers and the embedded database, in this order. */
  close(): Promise<void>;
}

/** Everything between a bare application and one that can answer: shared by main, tests and the OpenAPI export. */
export function configureApp(app: NestExpressApplication, settings: Settings): void {
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  // Nothing may be stored, so nothing is compared with what was: a hash of every answer would be for nobody.
  app.disable('etag');
  app.set('trust proxy', settings.trustProxy);
  app.set('query parser', 'simple');
  app.set(STREAM_WRITE_TIMEOUT, settings.streamWriteTimeout * 1000);
  app.use(
    helmet({
      strictTransportSecurity: settings.cookieSecure ? { maxAge: 31_536_000 } : false,
      contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
    }),
  );
  // The page of the documentation is the only one with scripts and styles.
  app.use('/docs', contentSecurityPolicy({ directives: { upgradeInsecureRequests: null } }));
  app.use(
    (_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
      response.setHeader('Cache-Control', 'no-store');
      next();
    },
  );
  app.enableCors({
    origin: settings.corsOrigins,
    credentials: true,
    allowedHeaders: [
      'authorization',
      'content-type',
      'x-csrf-token',
      'x-api-key',
      'x-request-id',
      'x-admin-access',
      'idempotency-key',
      'last-event-id',
    ],
    exposedHeaders: [
      'idempotency-replayed',
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
    ],
    maxAge: 600,
  });
  const limits = app.get(RequestLimits);
  if (limits.has('address')) app.use(addressLimit(limits));
  app.use(hostGuard(settings));
  app.use(bodyGuard);
  app.use(bodyProgress(settings.bodyTimeout));
  app.use(jsonBody(settings.maxBodyBytes, hasCredential));
  setupOpenApi(app, settings);
}

/**
 * Assembles the application on a database that is open and configures it; does not listen yet. The database is the
 * application's from here on: it is closed with it, or when this fails.
 */
export async function createApp(settings: Settings, database: OpenDatabase): Promise<RunningApp> {
  try {
    // Before modules are made: one that fails then would bring down the others with it, and each would say so.
    checkEncoder(settings);
    const newer = await prepareDatabase(settings, database);
    const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings, database), {
      bodyParser: false,
      bufferLogs: true,
      abortOnError: false,
    });
    configureApp(app, settings);
    if (newer.length > 0)
      app
        .get(Logger)
        .warn(
          `a newer version has changed the database (${newer.join(', ')}): run that one, take its migrations back with it, or go back to a backup`,
        );
    const connections = new Connections(app.getHttpServer());
    return {
      app,
      close: async () => {
        // Streams of changes would never end, and modules must be there until the last answer is given.
        app.get(DocumentChanges).end();
        await connections.drain(DRAIN_MS);
        await app.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
