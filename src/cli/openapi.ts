import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { loadSettings } from '../config/load-settings.js';
import { dataSourceOptions } from '../database/data-source.js';
import { buildOpenApi } from '../openapi.js';
import { writeOrCheck } from './generated-files.js';
import { packageVersion, runCommand } from './run-command.js';

/** The document must not depend on whose machine writes it: every variable has its default. */
function neutralSettings(version: string): ReturnType<typeof loadSettings> {
  const secret = (name: string): string => `${name}-0123456789abcdefghijklmnopqrstuvwxyz`;
  const env = {
    JWT_SECRET: secret('a'),
    REFRESH_SECRET: secret('b'),
    CSRF_SECRET: secret('c'),
    DATA_ENCRYPTION_KEY: secret('d'),
  };
  return loadSettings(env, version);
}

/** Objects with sorted keys; the order of a list carries meaning and stays. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

await runCommand(async () => {
  const version = packageVersion();
  const settings = neutralSettings(version);
  const database = { options: dataSourceOptions(settings, undefined), close: async () => undefined };
  // A preview resolves modules and controllers and creates no provider: no database, worker or directory is needed.
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings, database), {
    preview: true,
    abortOnError: false,
    logger: ['error'],
  });
  const content = `${JSON.stringify(sorted(buildOpenApi(app, version)), null, 2)}\n`;
  return writeOrCheck([{ path: 'docs/openapi.json', content }], 'npm run openapi');
});
