import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';

/** Far above any passphrase; bounds what has to be hashed. */
const MAX_BYTES = 1024;

/** What a new password must be. Length is all that counts: no composition rules, nothing is cut off. */
@Injectable()
export class PasswordPolicy {
  constructor(private readonly settings: Settings) {}

  /** @throws AppError `weak_password` whose field error says why. */
  check(password: string): void {
    const normal = password.normalize('NFC');
    const least = this.settings.passwordMinLength;
    // Characters are code points: an emoji counts once, however many UTF-16 units it takes.
    if ([...normal].length < least)
      throw weak('too_short', `The password must have at least ${least} characters.`);
    if (Buffer.byteLength(normal) > MAX_BYTES)
      throw weak('too_long', `The password must have at most ${MAX_BYTES} bytes in UTF-8.`);
  }
}

const weak = (code: string, detail: string): AppError =>
  new AppError('weak_password', detail, { errors: [{ field: 'password', code, detail }] });
