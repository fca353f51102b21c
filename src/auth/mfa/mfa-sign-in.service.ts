import { Injectable } from '@nestjs/common';
import { UsersService } from '../../users/users.service.js';
import type { Client, SignedIn } from '../auth.types.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { SignInService } from '../sign-in.service.js';
import { AuthTokens } from '../tokens/auth-tokens.service.js';
import { FactorCheck } from './factor-check.service.js';
import { invalidMfaToken, MfaTokens } from './mfa-tokens.service.js';
import type { FactorProof } from './second-factors.service.js';

/** The second step of signing in. */
@Injectable()
export class MfaSignIn {
  constructor(
    private readonly tokens: MfaTokens,
    private readonly users: UsersService,
    private readonly check: FactorCheck,
    private readonly signIn: SignInService,
    private readonly sessions: SessionsService,
    private readonly authTokens: AuthTokens,
  ) {}

  /** @throws AppError `invalid_mfa_token`, `invalid_code`, `too_many_requests` */
  async complete(token: string, proof: FactorProof, client: Client): Promise<SignedIn> {
    const first = this.tokens.read(token);
    const user = await this.users.findWithPassword(first.userId);
    if (!user?.isActive || !user.secondFactor || !first.belongsTo(user)) throw invalidMfaToken();
    const opened = await this.check.with(user.id, proof, client, async (transaction) => {
      const session = await this.signIn.open(transaction, user, first.labels, client);
      if (!session) throw invalidMfaToken();
      return session;
    });
    this.sessions.opened(user.id);
    return this.authTokens.issue(opened);
  }
}
