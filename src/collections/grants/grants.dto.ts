import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, ValidateBy } from 'class-validator';
import { PageInfo } from '../../common/http/page.js';
import { IsText } from '../../common/http/validators.js';
import { isEmailAddress, normaliseEmail } from '../../common/security/identifiers.js';
import { ACCESS_LEVELS, type Access, type GrantRow, type GrantSubject } from '../collections.types.js';

const MAX_SUBJECT = 300;
const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

const ID_OR_ROLE = new RegExp(`^(?:user:${UUID}|role:[\\w-]{1,64})$`);
const EMAIL = 'email:';

const isSubject = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length <= MAX_SUBJECT &&
  (value.startsWith(EMAIL)
    ? isEmailAddress(normaliseEmail(value.slice(EMAIL.length)))
    : ID_OR_ROLE.test(value));

export class PutGrantDto {
  @ApiProperty({
    example: 'email:colleague@example.com',
    description: '`user:<id>`, `role:<name>` or `email:<address>`.',
  })
  @IsString()
  @IsText()
  @MaxLength(MAX_SUBJECT)
  @ValidateBy({
    name: 'isSubject',
    validator: {
      validate: isSubject,
      defaultMessage: () => 'subject must be user:<id>, role:<name> or email:<address>',
    },
  })
  subject!: string;

  @ApiProperty({ enum: ACCESS_LEVELS, enumName: 'Access', example: 'read' })
  @IsIn(ACCESS_LEVELS)
  access!: Access;
}

export function parseSubject(subject: string): GrantSubject {
  const at = subject.indexOf(':');
  const value = subject.slice(at + 1);
  switch (subject.slice(0, at)) {
    case 'user':
      return { kind: 'user', id: value.toLowerCase() };
    case 'role':
      return { kind: 'role', name: value };
    default:
      return { kind: 'email', email: normaliseEmail(value) };
  }
}

export class GrantDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'user:0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52' })
  subject!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'colleague@example.com',
    description:
      'The address that the grant was given to; null for one to `user:<id>` or `role:<name>`. Where `SHARES_NEED_PROOF` is on, it counts once the account has confirmed its address.',
  })
  email!: string | null;

  @ApiProperty({ enum: ACCESS_LEVELS, enumName: 'Access' })
  access!: Access;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(row: GrantRow): GrantDto {
    return {
      id: row.id,
      subject: row.user_id ? `user:${row.user_id}` : `role:${row.role_name}`,
      email: row.email,
      access: row.access,
      created_at: row.created_at.toISOString(),
    };
  }
}

export class GrantPageDto extends PageInfo {
  @ApiProperty({ type: [GrantDto] })
  items!: GrantDto[];
}
