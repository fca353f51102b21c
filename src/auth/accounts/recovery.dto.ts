import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsText } from '../../common/http/validators.js';
import { IsEmailAddress, MAX_EMAIL } from '../../common/security/identifiers.js';
import { MailedToken, NewPassword } from './accounts.dto.js';

export class AddressDto {
  @ApiProperty({ maxLength: MAX_EMAIL, format: 'email', example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;
}

export class ResetPasswordDto {
  @MailedToken()
  token!: string;

  @NewPassword()
  new_password!: string;
}

export class TokenDto {
  @MailedToken()
  token!: string;
}

export class VerifyEmailDto extends TokenDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 1024,
    format: 'password',
    description:
      'The password of the account. Ask for it on the page behind the link: it proves that the account is not a stranger’s.',
  })
  @IsOptional()
  @IsText()
  @MaxLength(1024)
  password?: string | null;
}

export class AskedDto {
  @ApiProperty({ enum: ['accepted'], description: 'The same for every address.' })
  status!: 'accepted';
}

export class PasswordResetDto {
  @ApiProperty({ enum: ['password_changed'], description: 'All sessions have ended. Sign in.' })
  status!: 'password_changed';
}

export class EmailVerifiedDto {
  @ApiProperty({ enum: ['verified'] })
  status!: 'verified';

  @ApiProperty({
    description:
      'Nothing showed that the one who registered is the one who confirms: whoever used the account is signed out, the password and names that were registered with do not count, and a mail for choosing a password is on its way.',
  })
  password_reset_required!: boolean;
}

export class EmailChangedDto {
  @ApiProperty({ enum: ['changed'] })
  status!: 'changed';
}
