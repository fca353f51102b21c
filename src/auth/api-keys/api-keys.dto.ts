import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { PageInfo } from '../../common/http/page.js';
import { IsId, IsNotBlank, IsText } from '../../common/http/validators.js';
import { SCOPE_NAMES, SCOPES, type Scope } from '../../common/security/scopes.js';
import type { ApiKeyRow, NewApiKey } from './api-key.types.js';

const DEFAULT_DAYS = 365;
const SCOPE_LIST = Object.entries(SCOPES)
  .map(([name, meaning]) => `- \`${name}\`: ${meaning}`)
  .join('\n');
const SCOPES_PROPERTY = {
  enum: SCOPE_NAMES,
  enumName: 'Scope',
  isArray: true,
  example: ['rag:query', 'documents:read'],
} as const;

export class CreateApiKeyDto {
  @ApiProperty({ example: 'Support bot', maxLength: 128 })
  @IsText()
  @IsNotBlank()
  @MaxLength(128)
  name!: string;

  @ApiProperty({
    ...SCOPES_PROPERTY,
    minItems: 1,
    uniqueItems: true,
    description: `What the key may do, never more than you may at the time of use:\n\n${SCOPE_LIST}`,
  })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(SCOPE_NAMES.length)
  @ArrayUnique()
  @IsIn(SCOPE_NAMES, { each: true })
  scopes!: Scope[];

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    nullable: true,
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    description:
      'The only collections for which the key is good; without it, all that you may use. What may be of any collection is nothing for such a key: conversations, stored answers, and with `admin:read` all but `GET /admin/health` and `GET /admin/dashboard`.',
  })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsId({ each: true })
  @ArrayUnique((id: unknown) => (typeof id === 'string' ? id.toLowerCase() : id))
  collection_ids?: string[] | null;

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 1,
    maximum: 3650,
    default: DEFAULT_DAYS,
    description: '`null` for a key that does not expire.',
  })
  @ValidateIf((dto: CreateApiKeyDto) => dto.expires_in_days !== undefined && dto.expires_in_days !== null)
  @IsInt()
  @Min(1)
  @Max(3650)
  expires_in_days?: number | null;

  static wanted({ name, scopes, collection_ids, expires_in_days }: CreateApiKeyDto): NewApiKey {
    return {
      name,
      scopes,
      collectionIds: collection_ids?.map((id) => id.toLowerCase()) ?? null,
      expiresInDays: expires_in_days === undefined ? DEFAULT_DAYS : expires_in_days,
    };
  }
}

export class ApiKeyDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'Support bot' })
  name!: string;

  @ApiProperty({ example: 'aib_k3v9x0qpw2ma', description: 'How the key begins.' })
  prefix!: string;

  @ApiProperty(SCOPES_PROPERTY)
  scopes!: Scope[];

  @ApiProperty({ type: [String], format: 'uuid', nullable: true, description: 'Null for no limit.' })
  collection_ids!: string[] | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'To the minute.' })
  last_used_at!: string | null;

  static of(row: ApiKeyRow): ApiKeyDto {
    return {
      id: row.id,
      name: row.name,
      prefix: `aib_${row.prefix}`,
      scopes: row.scopes,
      collection_ids: row.collectionIds,
      created_at: row.createdAt.toISOString(),
      expires_at: row.expiresAt?.toISOString() ?? null,
      last_used_at: row.lastUsedAt?.toISOString() ?? null,
    };
  }
}

export class CreatedApiKeyDto extends ApiKeyDto {
  @ApiProperty({
    example: 'aib_k3v9x0qpw2ma_6Nq0r4m1kq5oVh1jYy8m0mJx2b3c4d5e6f7g8h9i0jk',
    description: 'The key, shown only now. Goes into `Authorization: Bearer ...` or `X-API-Key`.',
  })
  key!: string;

  static with({ key, row }: { key: string; row: ApiKeyRow }): CreatedApiKeyDto {
    return Object.assign(new CreatedApiKeyDto(), ApiKeyDto.of(row), { key });
  }
}

export class ApiKeyPageDto extends PageInfo {
  @ApiProperty({ type: [ApiKeyDto] })
  items!: ApiKeyDto[];
}
