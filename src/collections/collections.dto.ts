import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { PageInfo } from '../common/http/page.js';
import { IsNotBlank, IsText } from '../common/http/validators.js';
import {
  ACCESS_LEVELS,
  type Access,
  type CollectionRow,
  type GrantRow,
  type GrantSubject,
} from './collections.types.js';

export class CreateCollectionDto {
  @ApiProperty({ example: 'Product manuals', maxLength: 255 })
  @IsText()
  @IsNotBlank()
  @MaxLength(255)
  name!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'What support answers from',
    maxLength: 2000,
  })
  @IsOptional()
  @IsText()
  @MaxLength(2000)
  description?: string | null;
}

export class UpdateCollectionDto {
  @ApiPropertyOptional({ example: 'Manuals', maxLength: 255 })
  @ValidateIf((dto: UpdateCollectionDto) => dto.name !== undefined)
  @IsText()
  @IsNotBlank()
  @MaxLength(255)
  name?: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 2000 })
  @IsOptional()
  @IsText()
  @MaxLength(2000)
  description?: string | null;
}

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

export class PutGrantDto {
  @ApiProperty({
    example: 'email:colleague@example.com',
    description: '`user:<id>`, `role:<name>` or `email:<address>`.',
  })
  @IsString()
  @IsText()
  @MaxLength(300)
  @Matches(new RegExp(`^(user:${UUID}|role:[\\w-]{1,64}|email:[^\\s@]+@[^\\s@]+)$`), {
    message: 'subject must be user:<id>, role:<name> or email:<address>',
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
      return { kind: 'email', email: value.normalize('NFC').toLowerCase() };
  }
}

export class CollectionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'Product manuals' })
  name!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ format: 'uuid' })
  owner_id!: string;

  @ApiProperty({
    description: 'Every user has one personal collection, where writes without a collection go.',
  })
  is_personal!: boolean;

  @ApiProperty({ enum: ACCESS_LEVELS, enumName: 'Access', description: 'What you may do with it.' })
  access!: Access;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(row: CollectionRow): CollectionDto {
    return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
  }
}

export class CollectionPageDto extends PageInfo {
  @ApiProperty({ type: [CollectionDto] })
  items!: CollectionDto[];
}

export class GrantDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'user:0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52' })
  subject!: string;

  @ApiProperty({ type: String, nullable: true, example: 'colleague@example.com' })
  email!: string | null;

  @ApiProperty({ enum: ACCESS_LEVELS, enumName: 'Access' })
  access!: Access;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(row: GrantRow): GrantDto {
    return {
      id: row.id,
      subject: row.user_id ? `user:${row.user_id}` : `role:${row.role_name}`,
      email: row.user_email,
      access: row.access,
      created_at: row.created_at.toISOString(),
    };
  }
}

export class GrantPageDto extends PageInfo {
  @ApiProperty({ type: [GrantDto] })
  items!: GrantDto[];
}
