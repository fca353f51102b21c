import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsText } from '../common/http/validators.js';
import { IsUsername, MAX_USERNAME } from '../common/security/identifiers.js';
import type { User } from '../users/users.types.js';

/** What is left out stays; null takes it away. */
export class UpdateProfileDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_USERNAME,
    example: 'ada',
    description: 'Letters, digits, `.`, `_` and `-`; null for none.',
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

export class ProfileDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ type: String, nullable: true, example: 'ada' })
  username!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  full_name!: string | null;

  @ApiProperty()
  email_verified!: boolean;

  @ApiProperty({ type: [String], example: ['user'] })
  roles!: readonly string[];

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of({ id, email, username, fullName, emailVerified, roles, createdAt }: User): ProfileDto {
    return {
      id,
      email,
      username,
      full_name: fullName,
      email_verified: emailVerified,
      roles,
      created_at: createdAt.toISOString(),
    };
  }
}
