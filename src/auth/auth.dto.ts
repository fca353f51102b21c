import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, MaxLength, ValidateIf } from 'class-validator';
import { AppError } from '../common/errors/app-error.js';
import { IsText } from '../common/http/validators.js';
import {
  IsEmailAddress,
  IsUsername,
  MAX_EMAIL,
  MAX_USERNAME,
  normaliseEmail,
  normaliseUsername,
} from '../common/security/identifiers.js';
import type { LoginName, User } from '../users/users.types.js';
import type { Principal, SignedIn } from './auth.types.js';
import { MFA_TOKEN_LIFE } from './mfa/mfa-tokens.service.js';
import { NEW_PASSWORD, PASSWORD_FIELD } from './passwords/password.dto.js';
import type { DeviceLabels } from './sessions/session-tokens.service.js';

const EMAIL = { maxLength: MAX_EMAIL, format: 'email', example: 'ada@example.com' } as const;
const USERNAME = { maxLength: MAX_USERNAME, example: 'ada' } as const;

export class RegisterDto {
  @ApiProperty({ ...EMAIL, description: 'Compared without regard to case.' })
  @IsEmailAddress()
  email!: string;

  @ApiProperty({
    ...PASSWORD_FIELD,
    description: NEW_PASSWORD,
  })
  @IsText()
  @MaxLength(1024)
  password!: string;

  @ApiPropertyOptional({
    ...USERNAME,
    type: String,
    nullable: true,
    description: 'Letters, digits, `.`, `_` and `-`.',
  })
  @IsOptional()
  @IsUsername()
  username?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 255, example: 'Ada Lovelace' })
  @IsOptional()
  @IsText()
  @MaxLength(255)
  full_name?: string | null;
}

export class LoginDto {
  @ApiPropertyOptional({
    ...EMAIL,
    type: String,
    nullable: true,
    description: 'Either this or `username`.',
  })
  @ValidateIf(({ username }: LoginDto) => username == null)
  @IsEmailAddress()
  email?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_EMAIL,
    description: 'Either this or `email`; an e-mail address is understood here, too.',
  })
  @IsOptional()
  @IsText()
  @MaxLength(MAX_EMAIL)
  username?: string | null;

  @ApiProperty(PASSWORD_FIELD)
  @IsText()
  @IsNotEmpty()
  @MaxLength(1024)
  password!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 128,
    description: "The client's own label for the device.",
    example: 'laptop',
  })
  @IsOptional()
  @IsText()
  @MaxLength(128)
  device_id?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 128,
    description: 'A name for people, shown in the list of sessions.',
    example: "Ada's laptop",
  })
  @IsOptional()
  @IsText()
  @MaxLength(128)
  device_name?: string | null;

  /** @throws AppError `validation_failed` when both names are given. */
  static loginName({ email, username }: LoginDto): LoginName {
    if (email != null && username != null)
      throw new AppError('validation_failed', 'Send either email or username.', {
        errors: [{ field: 'username', code: 'oneLoginName', detail: 'send either email or username' }],
      });
    // A username holds no @, so what is meant is clear.
    if (username?.includes('@')) return { email: normaliseEmail(username) };
    return username == null ? { email: email ?? '' } : { username: normaliseUsername(username) };
  }

  static labels({ device_id, device_name }: LoginDto): DeviceLabels {
    return { deviceId: device_id ?? null, deviceName: device_name ?? null };
  }
}

export class SignedInUserDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: EMAIL.example })
  email!: string;

  @ApiProperty({ type: String, nullable: true, example: USERNAME.example })
  username!: string | null;

  @ApiProperty({ type: [String], example: ['user'] })
  roles!: readonly string[];
}

export class TokenResponse {
  @ApiProperty({ description: 'Goes into `Authorization: Bearer ...`.' })
  access_token!: string;

  @ApiProperty({ enum: ['bearer'] })
  token_type!: 'bearer';

  @ApiProperty({ description: 'Seconds until the access token expires.', example: 900 })
  expires_in!: number;

  @ApiProperty({
    description: 'Goes into the header `x-csrf-token` of refresh and logout. The same for the whole session.',
  })
  csrf_token!: string;

  @ApiProperty()
  user!: SignedInUserDto;

  static of({ accessToken, expiresIn, csrfToken, user }: SignedIn): TokenResponse {
    return {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: expiresIn,
      csrf_token: csrfToken,
      user,
    };
  }
}

export class RegisteredDto extends SignedInUserDto {
  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  full_name!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of({ id, email, username, fullName, roles, createdAt }: User): RegisteredDto {
    return { id, email, username, full_name: fullName, roles, created_at: createdAt.toISOString() };
  }
}

export class MfaRequiredDto {
  @ApiProperty({ enum: [true] })
  mfa_required!: true;

  @ApiProperty({ description: 'Goes into POST /auth/login/mfa together with a code.' })
  mfa_token!: string;

  @ApiProperty({ description: 'Seconds until the sign-in has to begin again.', example: 300 })
  expires_in!: number;

  static of(mfaToken: string): MfaRequiredDto {
    return { mfa_required: true, mfa_token: mfaToken, expires_in: MFA_TOKEN_LIFE };
  }
}

export class RegistrationTakenDto {
  @ApiProperty({ enum: ['created'] })
  status!: 'created';
}

export class MeDto extends SignedInUserDto {
  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  full_name!: string | null;

  @ApiProperty()
  email_verified!: boolean;

  @ApiProperty({ format: 'uuid', description: 'The session of the token that asked.' })
  session_id!: string;

  static of({ id, email, username, fullName, roles, emailVerified, sessionId }: Principal): MeDto {
    return {
      id,
      email,
      username,
      full_name: fullName,
      roles,
      email_verified: emailVerified,
      session_id: sessionId,
    };
  }
}

export class LoggedOutDto {
  @ApiProperty({ enum: ['logged_out'] })
  status!: 'logged_out';
}
