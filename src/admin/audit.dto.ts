import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsOptional, Matches, MaxLength } from 'class-validator';
import type { AuditFilter, AuditRow } from '../audit/audit.types.js';
import { PageInfo, PageQuery } from '../common/http/page.js';
import { IsId, IsInstant, IsText } from '../common/http/validators.js';

/** Which events are meant. */
export class AuditExportQuery {
  @ApiPropertyOptional({
    description: 'One action, or with a dot at its end all that begin so.',
    example: 'session.',
    maxLength: 64,
    pattern: '^[a-z_]+(\\.[a-z_]+)*\\.?$',
  })
  @IsOptional()
  @Matches(/^[a-z_]+(\.[a-z_]+)*\.?$/, {
    message: 'action must be an action such as session.refused, or what several begin with, such as session.',
  })
  @MaxLength(64)
  action?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Who did it.' })
  @IsOptional()
  @IsId()
  actor_id?: string;

  @ApiPropertyOptional({ example: 'user', maxLength: 32 })
  @IsOptional()
  @IsText()
  @MaxLength(32)
  target_type?: string;

  @ApiPropertyOptional({ description: 'Id of what it was done to.', maxLength: 512 })
  @IsOptional()
  @IsText()
  @MaxLength(512)
  target_id?: string;

  @ApiPropertyOptional({ example: '192.0.2.7', maxLength: 64 })
  @IsOptional()
  @IsText()
  @MaxLength(64)
  ip?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsText()
  @MaxLength(64)
  request_id?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'From this time on.' })
  @IsOptional()
  @IsInstant()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this time.' })
  @IsOptional()
  @IsInstant()
  until?: string;

  static filter(query: AuditExportQuery): AuditFilter {
    return {
      action: query.action,
      actorId: query.actor_id,
      targetType: query.target_type,
      targetId: query.target_id,
      ip: query.ip,
      requestId: query.request_id,
      since: query.since === undefined ? undefined : new Date(query.since),
      until: query.until === undefined ? undefined : new Date(query.until),
    };
  }
}

export class AuditQuery extends IntersectionType(AuditExportQuery, PageQuery) {}

export class AuditEventDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ example: 'session.opened' })
  action!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    description: 'Who did it; null for the server itself and for somebody unknown.',
  })
  actor_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'session' })
  target_type!: string | null;

  @ApiProperty({ type: String, nullable: true })
  target_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7' })
  ip!: string | null;

  @ApiProperty({ type: String, nullable: true })
  request_id!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Depends on the action. `count` is the number of further events of this kind in a minute.',
  })
  details!: Record<string, unknown>;

  static of(row: AuditRow): AuditEventDto {
    return { ...row, at: row.at.toISOString() };
  }
}

export class AuditPageDto extends PageInfo {
  @ApiProperty({ type: [AuditEventDto] })
  items!: AuditEventDto[];
}
