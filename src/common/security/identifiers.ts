import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength, ValidateBy, buildMessage, isEmail } from 'class-validator';
import { isStorableText } from '../storable-text.js';
import { IsText } from '../http/validators.js';

export const MAX_EMAIL = 254;
export const MAX_USERNAME = 150;

/** No `@`: what is typed into a sign-in field is either an address or a username, never both. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

export const normaliseEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();
export const normaliseUsername = (username: string): string => username.trim().normalize('NFKC');

const applied =
  (change: (value: string) => string) =>
  ({ value }: { value: unknown }): unknown =>
    // Longer ones are refused anyway; normalising them first would be work for nothing.
    typeof value === 'string' && value.length <= 1000 ? change(value) : value;

/**
 * A host without a dot is fine: `admin@localhost`. Quoted names are not: they may hold line breaks, and few servers take
 * them.
 */
const ADDRESS = { require_tld: false, blacklisted_chars: '"' };

/** What `IsEmailAddress` lets through, normalised. */
export const isEmailAddress = (email: string): boolean =>
  email.length <= MAX_EMAIL && isStorableText(email) && isEmail(email, ADDRESS);

/** An e-mail address, normalised to lower case. */
export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(Transform(applied(normaliseEmail)), MaxLength(MAX_EMAIL), IsText(), IsEmail(ADDRESS));

/** Letters, digits, dot, underscore and hyphen, starting with a letter or digit. */
export const IsUsername = (): PropertyDecorator =>
  applyDecorators(
    Transform(applied(normaliseUsername)),
    MaxLength(MAX_USERNAME),
    ValidateBy({
      name: 'isUsername',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.length <= MAX_USERNAME && USERNAME.test(value),
        defaultMessage: buildMessage(
          (each) =>
            `${each}$property must hold only letters, digits, ".", "_" and "-", starting with a letter or digit`,
        ),
      },
    }),
  );
