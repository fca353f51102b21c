import type { INestApplicationContext } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { AccountTokens } from '../auth/accounts/account-tokens.service.js';
import { SecondFactorsRepository } from '../auth/mfa/second-factors.repository.js';
import { LastingAccessRepository, whatLasts } from '../auth/notices/lasting-access.repository.js';
import { PasswordHasher } from '../auth/passwords/password-hasher.service.js';
import { SessionsRepository } from '../auth/sessions/sessions.repository.js';
import { StartError } from '../config/config-error.js';
import { Transactions } from '../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { ADMIN_ROLE } from '../users/users.types.js';
import { adminCommand } from './administrators.js';
import { runCommand } from './run-command.js';

/**
 * For the administrator whom no other one can help: another password, no second factor, no session. Only for accounts
 * with the role: all others are helped by an administrator, who never knows their password. Keys and webhooks go on, as
 * with every new password; how many there are is said.
 */
async function recover(app: INestApplicationContext, email: string, password: string): Promise<void> {
  const users = app.get(UsersService);
  const user = await users.findByLogin({ email });
  if (!user?.roles.includes(ADMIN_ROLE)) throw new StartError(`${email} is no administrator`);
  if (!user.isActive) throw new StartError(`${email} is disabled: another administrator can enable it`);
  const passwordHash = await app.get(PasswordHasher).hashNew(password, { ...user, secondFactor: false });
  const lasting = await app.get(Transactions).run(async (transaction) => {
    await users.lock(transaction, user.id);
    await users.prove(transaction, user.id, { passwordHash });
    const factor = await app.get(SecondFactorsRepository).remove(user.id, transaction);
    const sessions = await app.get(SessionsRepository).endAll(user.id, 'password_reset', transaction);
    await app.get(AccountTokens).dropAll(transaction, user.id);
    const left = await app.get(LastingAccessRepository).count(transaction, user.id);
    await app.get(AuditService).record(transaction, {
      action: 'user.admin_recovered',
      targetType: 'user',
      targetId: user.id,
      details: { by: 'command line', second_factor_removed: factor, sessions: sessions.length, ...left },
    });
    return left;
  });
  process.stdout.write(`${email} signs in with the new password alone, and all sessions were ended\n`);
  const more = whatLasts(lasting);
  if (more !== '') process.stdout.write(`${more}\n`);
}

await runCommand(() => adminCommand('npm run admin:recover -- <e-mail>', recover));
