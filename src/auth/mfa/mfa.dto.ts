import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, MaxLength } from 'class-validator';
import { AppError } from '../../common/errors/app-error.js';
import { IsText } from '../../common/http/validators.js';
import { TokenResponse } from '../auth.dto.js';
import { PASSWORD_FIELD } from '../passwords/password.dto.js';
import type { FactorProof } from './second-factors.service.js';

export class FactorProofDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 20,
    example: '492039',
    description: 'Six digits from the authenticator app; each works once. Either this or `recovery_code`.',
  })
  @IsOptional()
  @IsText()
  @MaxLength(20)
  code?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 100,
    description:
      'One of the recovery codes, such as `k3fa-9mxz-p2hd-w7ct-b4ne-q6rs`, instead of `code`; each works once.',
  })
  @IsOptional()
  @IsText()
  @MaxLength(100)
  recovery_code?: string | null;

  /** Undefined when neither is given. @throws AppError `validation_failed` when both are */
  static proof({ code, recovery_code }: FactorProofDto): FactorProof | undefined {
    if (code != null && recovery_code != null) throw oneProof('Send either code or recovery_code.');
    if (recovery_code != null) return { recoveryCode: recovery_code };
    return code == null ? undefined : { code };
  }

  /** @throws AppError `validation_failed` unless exactly one is given */
  static required(body: FactorProofDto): FactorProof {
    const proof = FactorProofDto.proof(body);
    if (!proof) throw oneProof('Send code or recovery_code.');
    return proof;
  }
}

const oneProof = (detail: string): AppError =>
  new AppError('validation_failed', detail, { errors: [{ field: 'code', code: 'oneProof', detail }] });

export class SecondStepDto extends FactorProofDto {
  @ApiProperty({
    maxLength: 4096,
    example: 'x4Jq0mC1Zt9uYbW3eR7sKdLfGhA',
    description: '`mfa_token` of the first step.',
  })
  @IsText()
  @IsNotEmpty()
  @MaxLength(4096)
  mfa_token!: string;
}

export class ReauthenticateDto extends FactorProofDto {
  @ApiProperty(PASSWORD_FIELD)
  @IsText()
  @IsNotEmpty()
  @MaxLength(1024)
  password!: string;
}

export class ReauthenticatedDto extends TokenResponse {
  @ApiProperty({ enum: ['confirmed'] })
  status!: 'confirmed';

  @ApiProperty({ description: 'Seconds for which sensitive changes are allowed.', example: 600 })
  recent_for!: number;
}

export class ConfirmTotpDto {
  @ApiProperty({ maxLength: 20, example: '492039', description: 'Six digits from the authenticator app.' })
  @IsText()
  @MaxLength(20)
  code!: string;
}

export class RemoveTotpDto {
  @ApiProperty({
    ...PASSWORD_FIELD,
    description: 'The present password. It must be as long as one without a second factor has to be.',
  })
  @IsText()
  @IsNotEmpty()
  @MaxLength(1024)
  password!: string;
}

export class TotpOfferDto {
  @ApiProperty({
    example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    description: 'Base32, for typing it in. Shown once.',
  })
  secret!: string;

  @ApiProperty({
    example:
      'otpauth://totp/AI%20Backend:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=AI%20Backend',
    description: 'For a QR code.',
  })
  otpauth_uri!: string;
}

export class RecoveryCodesDto {
  @ApiProperty({
    type: [String],
    example: ['k3fa-9mxz-p2hd-w7ct-b4ne-q6rs'],
    description: 'Each replaces a code of the app once. Shown only here; those before are void.',
  })
  recovery_codes!: string[];
}

export class MfaStateDto {
  @ApiProperty({ description: 'Whether signing in needs a code.' })
  enabled!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  enabled_at!: string | null;

  @ApiProperty({ description: 'Recovery codes that were not used.' })
  recovery_codes_left!: number;

  @ApiProperty({
    description: 'Whether your role needs it: without it administrators may do nothing as such.',
  })
  required!: boolean;
}
