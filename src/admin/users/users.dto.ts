import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, Matches, MaxLength } from 'class-validator';
import type { SessionRow } from '../../auth/sessions/session.types.js';
import { PageInfo, PageQuery } from '../../common/http/page.js';
import { IsNotBlank, IsText } from '../../common/http/validators.js';
import { IsEmailAddress, IsUsername, MAX_EMAIL, MAX_USERNAME } from '../../common/security/identifiers.js';
import type { RoleRow } from '../../users/roles.types.js';
import type { DirectoryFilter, DirectoryUser } from '../../users/user-directory.types.js';
import type { NewManagedUser } from './managed-users.service.js';

export const ROLE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const ROLE = { pattern: ROLE_NAME.source, maxLength: 64, example: 'support' } as const;
const ROLE_RULE = {
  message: 'must hold only lower-case letters, digits, "-" and "_", at most 64',
};

export class UsersQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Part of the address or a name.', maxLength: 254 })
  @IsOptional()
  @IsText()
  @IsNotBlank()
  @MaxLength(254)
  search?: string;

  @ApiPropertyOptional(ROLE)
  @IsOptional()
  @Matches(ROLE_NAME, ROLE_RULE)
  role?: string;

  @ApiPropertyOptional({ enum: ['true', 'false'] })
  @IsOptional()
  @IsIn(['true', 'false'])
  active?: 'true' | 'false';

  static filter({ search, role, active }: UsersQuery): DirectoryFilter {
    return { search, role, active: active === undefined ? undefined : active === 'true' };
  }
}

export class InviteUserDto {
  @ApiProperty({ maxLength: MAX_EMAIL, format: 'email', example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MAX_USERNAME, example: 'ada' })
  @IsOptional()
  @IsUsername()
  username?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 255, example: 'Ada Lovelace' })
  @IsOptional()
  @IsText()
  @MaxLength(255)
  full_name?: string | null;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'string', ...ROLE },
    maxItems: 20,
    uniqueItems: true,
    description: 'Beside `user`.',
  })
  @Transform(({ value }: { value: unknown }) => value ?? undefined)
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @Matches(ROLE_NAME, { ...ROLE_RULE, each: true })
  roles?: string[];

  static user({ email, username, full_name, roles }: InviteUserDto): NewManagedUser {
    return { email, username: username ?? null, fullName: full_name ?? null, roles: roles ?? [] };
  }
}

export class ManagedUserDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'ada@example.com' })
  email!: string;

  @ApiProperty({ type: String, nullable: true, example: 'ada' })
  username!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  full_name!: string | null;

  @ApiProperty({ type: [String], example: ['user'] })
  roles!: readonly string[];

  @ApiProperty()
  is_active!: boolean;

  @ApiProperty()
  email_verified!: boolean;

  @ApiProperty({ description: 'Has no password, or not yet: a mail is on its way to choose one.' })
  invited!: boolean;

  @ApiProperty({ description: 'Signing in needs a code beside the password.' })
  second_factor!: boolean;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(user: DirectoryUser): ManagedUserDto {
    return {
      id: user.id,
      email: user.email,
      username: user.username,
      full_name: user.fullName,
      roles: user.roles,
      is_active: user.isActive,
      email_verified: user.emailVerified,
      invited: user.invited,
      second_factor: user.secondFactor,
      created_at: user.createdAt.toISOString(),
    };
  }
}

export class ManagedUserPageDto extends PageInfo {
  @ApiProperty({ type: [ManagedUserDto] })
  items!: ManagedUserDto[];
}

export class UserSessionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, description: "The client's own label." })
  device_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  device_name!: string | null;

  @ApiProperty({ type: String, nullable: true })
  ip!: string | null;

  @ApiProperty({ type: String, nullable: true })
  user_agent!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  last_used_at!: string;

  static of(row: SessionRow): UserSessionDto {
    return {
      id: row.id,
      device_id: row.deviceId,
      device_name: row.deviceName,
      ip: row.ip,
      user_agent: row.userAgent,
      created_at: row.createdAt.toISOString(),
      last_used_at: row.lastUsedAt.toISOString(),
    };
  }
}

export class UserSessionPageDto extends PageInfo {
  @ApiProperty({ type: [UserSessionDto] })
  items!: UserSessionDto[];
}

export class InvitationSentDto {
  @ApiProperty({ enum: ['invited'] })
  status!: 'invited';
}

export class CreateRoleDto {
  @ApiProperty({ ...ROLE, description: 'Used in grants as `role:<name>`.' })
  @Matches(ROLE_NAME, ROLE_RULE)
  name!: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 500 })
  @IsOptional()
  @IsText()
  @MaxLength(500)
  description?: string | null;
}

export class RoleDto {
  @ApiProperty({ example: 'support' })
  name!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ description: '`admin` and `user` cannot be deleted.' })
  builtin!: boolean;

  @ApiProperty({ description: 'How many hold it.' })
  users!: number;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of({ name, description, builtin, users, createdAt }: RoleRow): RoleDto {
    return { name, description, builtin, users, created_at: createdAt.toISOString() };
  }
}

export class RolePageDto extends PageInfo {
  @ApiProperty({ type: [RoleDto] })
  items!: RoleDto[];
}
