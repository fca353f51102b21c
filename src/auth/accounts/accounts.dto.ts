import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, MaxLength } from 'class-validator';
import { IsText } from '../../common/http/validators.js';
import { NEW_PASSWORD, PASSWORD_FIELD } from '../passwords/password.dto.js';
import { IsUsername, MAX_USERNAME } from '../../common/security/identifiers.js';

/** A password to be set; what else it must be is checked with the account in view. */
export const NewPassword = (): PropertyDecorator =>
  applyDecorators(ApiProperty({ ...PASSWORD_FIELD, description: NEW_PASSWORD }), IsText(), MaxLength(1024));

/** A one-time token out of a mail. */
export const MailedToken = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      maxLength: 200,
      example: 'x4Jq0mC1Zt9uYbW3eR7sKdLfGhA',
      description: 'The code in the mail, or what follows `#token=` in its link.',
    }),
    IsText(),
    IsNotEmpty(),
    MaxLength(200),
  );

export class AcceptInvitationDto {
  @MailedToken()
  token!: string;

  @NewPassword()
  password!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_USERNAME,
    example: 'ada',
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

export class AcceptedDto {
  @ApiProperty({ enum: ['accepted'], description: 'Sign in with the password just chosen.' })
  status!: 'accepted';
}
