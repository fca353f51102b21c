import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import { AuditService } from '../audit/audit.service.js';
import { PasswordHasher } from '../auth/passwords/password-hasher.service.js';
import { PasswordsModule } from '../auth/passwords/passwords.module.js';
import { AppError } from '../common/errors/app-error.js';
import { normaliseEmail } from '../common/security/identifiers.js';
import { ConfigModule } from '../config/config.module.js';
import { StartError } from '../config/config-error.js';
import { loadSettings } from '../config/load-settings.js';
import type { Settings } from '../config/settings.js';
import { openDatabase, type OpenDatabase } from '../database/data-source.js';
import { DatabaseModule } from '../database/database.module.js';
import { prepareDatabase } from '../database/prepare-database.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { Transactions } from '../database/transactions.js';
import { PrivacyModule } from '../privacy/privacy.module.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { ADMIN_ROLE, USER_ROLE } from '../users/users.types.js';
import { packageVersion, runCommand } from './run-command.js';

const USAGE = `usage: npm run admin:create -- <e-mail>
The password comes from ADMIN_PASSWORD, or is read from standard input.`;

@Module({})
class AdminCreateModule {
  static with(settings: Settings, database: OpenDatabase): DynamicModule {
    return {
      module: AdminCreateModule,
      imports: [
        ConfigModule.with(settings),
        DatabaseModule.with(database),
        IdempotencyModule,
        PrivacyModule,
        UsersModule,
        PasswordsModule,
        AuditModule,
      ],
    };
  }
}

/** One line; typed at a terminal it is not echoed. */
async function readPassword(): Promise<string> {
  const terminal = process.stdin.isTTY;
  if (terminal) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (terminal) process.stderr.write('\n');
  }
}

async function createAdmin(settings: Settings, email: string, password: string): Promise<void> {
  const database = await openDatabase(settings);
  try {
    await prepareDatabase(settings, database);
    const app = await NestFactory.createApplicationContext(AdminCreateModule.with(settings, database), {
      logger: ['error'],
      abortOnError: false,
    });
    try {
      const passwordHash = await app.get(PasswordHasher).hashNew(password, { email });
      await app.get(Transactions).run(async (transaction) => {
        const user = await app.get(UsersService).create(transaction, {
          email,
          username: null,
          fullName: null,
          passwordHash,
          emailVerified: true,
          roles: [USER_ROLE, ADMIN_ROLE],
        });
        const target = { targetType: 'user', targetId: user.id };
        await app
          .get(AuditService)
          .record(transaction, { action: 'user.admin_created', ...target, details: { by: 'command line' } });
      });
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}

await runCommand(async () => {
  const [given, ...rest] = process.argv.slice(2);
  if (!given?.includes('@') || rest.length > 0) {
    process.stderr.write(`${USAGE}\n`);
    return 64;
  }
  const settings = loadSettings(process.env, packageVersion());
  const email = normaliseEmail(given);
  try {
    await createAdmin(settings, email, settings.adminPassword ?? (await readPassword()));
  } catch (error) {
    if (error instanceof AppError) throw new StartError(error.detail);
    throw error;
  }
  process.stdout.write(`${email} is an administrator now\n`);
  return 0;
});
