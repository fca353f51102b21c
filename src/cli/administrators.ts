import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import { AccountRequestsRepository } from '../auth/accounts/account-requests.repository.js';
import { AccountTokensRepository } from '../auth/accounts/account-tokens.repository.js';
import { AccountTokens } from '../auth/accounts/account-tokens.service.js';
import { SecondFactorsRepository } from '../auth/mfa/second-factors.repository.js';
import { LastingAccessRepository } from '../auth/notices/lasting-access.repository.js';
import { PasswordsModule } from '../auth/passwords/passwords.module.js';
import { SessionsRepository } from '../auth/sessions/sessions.repository.js';
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
import { PrivacyModule } from '../privacy/privacy.module.js';
import { UsersModule } from '../users/users.module.js';
import { packageVersion } from './run-command.js';

/** As much of the application as accounts need: no routes, jobs or mails. */
@Module({})
class AccountsOnlyModule {
  static with(settings: Settings, database: OpenDatabase): DynamicModule {
    return {
      module: AccountsOnlyModule,
      imports: [
        ConfigModule.with(settings),
        DatabaseModule.with(database),
        IdempotencyModule,
        PrivacyModule,
        UsersModule,
        PasswordsModule,
        AuditModule,
      ],
      providers: [
        SecondFactorsRepository,
        SessionsRepository,
        AccountTokens,
        AccountTokensRepository,
        AccountRequestsRepository,
        LastingAccessRepository,
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

async function withAccounts(
  settings: Settings,
  work: (app: INestApplicationContext) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(settings);
  try {
    await prepareDatabase(settings, database);
    const app = await NestFactory.createApplicationContext(AccountsOnlyModule.with(settings, database), {
      logger: ['error'],
      abortOnError: false,
    });
    try {
      await work(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}

/**
 * A command about one administrator: `<e-mail>` is its only argument, the password comes from ADMIN_PASSWORD or standard
 * input. @returns the exit status @throws StartError in one line
 */
export async function adminCommand(
  usage: string,
  work: (app: INestApplicationContext, email: string, password: string) => Promise<void>,
): Promise<number> {
  const [given, ...rest] = process.argv.slice(2);
  if (!given?.includes('@') || rest.length > 0) {
    process.stderr.write(
      `usage: ${usage}\nThe password comes from ADMIN_PASSWORD, or is read from standard input.\n`,
    );
    return 64;
  }
  const settings = loadSettings(process.env, packageVersion());
  const email = normaliseEmail(given);
  const password = settings.adminPassword ?? (await readPassword());
  try {
    await withAccounts(settings, (app) => work(app, email, password));
  } catch (error) {
    if (error instanceof AppError) throw new StartError(error.detail);
    throw error;
  }
  return 0;
}
