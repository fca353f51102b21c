import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.setup.js';
import { loadSettings } from '../../src/config/load-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { openDatabase } from '../../src/database/data-source.js';

export interface TestApp {
  app: NestExpressApplication;
  settings: Settings;
  source: DataSource;
  admin: { email: string; password: string };
  /** A supertest request factory for the running application. */
  http(): ReturnType<typeof request>;
  close(): Promise<void>;
}

export const newPassword = (): string => `Vq7-${randomBytes(18).toString('base64url')}`;

/** A fresh data directory with the schema already in it. */
export function newDataDir(): string {
  const scratch = process.env['TEST_SCRATCH'];
  const dir = fs.mkdtempSync(path.join(scratch ?? os.tmpdir(), 'data-'));
  if (scratch)
    fs.cpSync(path.join(scratch, 'template', 'postgres'), path.join(dir, 'postgres'), { recursive: true });
  return dir;
}

/** The real application, assembled as `main` assembles it, on its own embedded database. */
export async function startTestApp(env: Record<string, string> = {}): Promise<TestApp> {
  const admin = { email: 'root@example.com', password: newPassword() };
  const dataDir = env['DATA_DIR'] ?? newDataDir();
  const emptyModels = path.join(dataDir, 'models');
  const settings = loadSettings(
    {
      DATA_DIR: dataDir,
      MODELS_DIR: emptyModels,
      MODEL_DOWNLOAD: 'off',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      LOG_LEVEL: 'fatal',
      LOG_FORMAT: 'json',
      RATE_LIMITS: 'off',
      ...env,
    },
    '0.0.0-test',
  );
  const running = await createApp(settings, await openDatabase(settings));
  await running.app.listen(0, '127.0.0.1');
  return {
    app: running.app,
    settings,
    source: running.app.get(DataSource),
    admin,
    http: () => request(running.app.getHttpServer()),
    close: async () => {
      await running.close();
      if (env['DATA_DIR'] === undefined) fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
