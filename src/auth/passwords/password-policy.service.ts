import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import { isCommonPassword } from './common-passwords.js';
import { predictability } from './predictable.js';

/** Far above any passphrase; bounds what has to be hashed. */
export const MAX_PASSWORD_BYTES = 1024;
/** Where a second factor has to be shown too. */
const LEAST_WITH_SECOND_FACTOR = 8;

const PRODUCT = ['ai backend', 'ai-backend', 'aibackend'];

/** Whose password it is to be. */
export interface PasswordOwner {
  email: string;
  username?: string | null;
  fullName?: string | null;
  /** Whether a second factor is on. */
  secondFactor?: boolean;
}

/** The form in which passwords are measured, hashed and compared. */
export const normalPassword = (password: string): string => password.normalize('NFC');

/** What a new password must be: long, and not what an attacker tries first. No composition rules, nothing is cut off. */
@Injectable()
export class PasswordPolicy {
  constructor(private readonly settings: Settings) {}

  /**
   * @param field name of the body's field, for the error
   * @throws AppError `weak_password` whose field error says why: `too_short`, `too_long`, `too_common`,
   * `too_predictable`, `contains_identity`
   */
  check(password: string, owner: PasswordOwner, field = 'password'): void {
    const normal = normalPassword(password);
    const refuse = (code: string, detail: string): never => {
      throw new AppError('weak_password', detail, { errors: [{ field, code, detail }] });
    };
    const least = this.leastLength(owner.secondFactor ?? false);
    if (Buffer.byteLength(normal) > MAX_PASSWORD_BYTES)
      refuse('too_long', `The password must have at most ${MAX_PASSWORD_BYTES} bytes in UTF-8.`);
    // Characters are code points: an emoji counts once, however many UTF-16 units it takes.
    if ([...normal].length < least)
      refuse('too_short', `The password must have at least ${least} characters. A sentence is fine.`);
    if (isCommonPassword(normal))
      refuse('too_common', 'This password is among those that attackers try first. Choose another one.');
    const why = predictability(normal, [...PRODUCT, ...namesOf(owner)]);
    if (why === 'pattern')
      refuse('too_predictable', 'The password is mostly a repetition or a sequence. Choose another one.');
    if (why === 'context')
      refuse(
        'contains_identity',
        'The password is mostly your e-mail address, your name or the name of this product. Choose another one.',
      );
  }

  /** In characters. */
  leastLength(secondFactor: boolean): number {
    return secondFactor ? LEAST_WITH_SECOND_FACTOR : this.settings.passwordMinLength;
  }
}

function namesOf({ email, username, fullName }: PasswordOwner): string[] {
  const [local = '', domain = ''] = email.split('@');
  return [email, local, domain, domain.replace(/\.[^.]*$/, ''), username ?? '', fullName ?? ''];
}
