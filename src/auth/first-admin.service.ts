import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { AppError } from '../common/errors/app-error.js';
import { normaliseEmail } from '../common/security/identifiers.js';
import { StartError } from '../config/config-error.js';
import { generatedSecret } from '../config/generated-secret.js';
import { secretsDir, Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { ADMIN_ROLE, USER_ROLE } from '../users/users.types.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';

/** Makes the first administrator, only while there is no user, whichever process starts first. */
@Injectable()
export class FirstAdmin implements OnApplicationBootstrap {
  private readonly logger = new Logger('FirstAdmin');

  constructor(
    private readonly settings: Settings,
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.users.hasAny()) return;
    const password = this.settings.adminPassword ?? this.generatedPassword();
    if (password === undefined) {
      this.logger.warn(
        'there is no administrator: set ADMIN_PASSWORD, or run "npm run admin:create -- <e-mail>"',
      );
      return;
    }
    await this.create(normaliseEmail(this.settings.adminEmail), password);
  }

  private async create(email: string, password: string): Promise<void> {
    const passwordHash = await this.passwords.hashNew(password, { email }).catch((error: unknown) => {
      throw error instanceof AppError ? new StartError(`ADMIN_PASSWORD: ${error.detail}`) : error;
    });
    const roles = [USER_ROLE, ADMIN_ROLE];
    await this.transactions.run(async (transaction) => {
      const user = { email, username: null, fullName: null, passwordHash, emailVerified: true, roles };
      const created = await this.users.createFirst(transaction, user);
      if (!created) return;
      const target = { targetType: 'user', targetId: created.id };
      await this.audit.record(transaction, { action: 'user.first_admin_created', ...target });
    });
  }

  /** Written before the account exists, so that there is never one whose password nobody can know. */
  private generatedPassword(): string | undefined {
    if (this.settings.strict) return undefined;
    const file = path.join(secretsDir(this.settings), 'admin-password');
    const password = generatedSecret(file, () => `${randomBytes(18).toString('base64url')}\n`);
    this.logger.log(`the first administrator is ${this.settings.adminEmail}, the password is in ${file}`);
    return password;
  }
}
