import type { INestApplicationContext } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { PasswordHasher } from '../auth/passwords/password-hasher.service.js';
import { Transactions } from '../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { ADMIN_ROLE, USER_ROLE } from '../users/users.types.js';
import { adminCommand } from './administrators.js';
import { runCommand } from './run-command.js';

async function create(app: INestApplicationContext, email: string, password: string): Promise<void> {
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
  process.stdout.write(`${email} is an administrator now\n`);
}

await runCommand(() => adminCommand('npm run admin:create -- <e-mail>', create));
