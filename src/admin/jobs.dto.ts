import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { PageInfo, PageQuery } from '../common/http/page.js';
import { IsId } from '../common/http/validators.js';
import { JOB_STATES, type JobRow, type JobState } from '../jobs/jobs.types.js';

export class JobsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'documents.ingest' })
  @IsOptional()
  @Matches(/^[\w.-]{1,100}$/, { message: 'name must be that of a kind of job, such as documents.ingest' })
  name?: string;

  @ApiPropertyOptional({
    enum: JOB_STATES,
    enumName: 'JobState',
    description: '`failed` are those that were given up, with their reason.',
  })
  @IsOptional()
  @IsIn(JOB_STATES)
  state?: JobState;

  @ApiPropertyOptional({ format: 'uuid', description: 'Of whom.' })
  @IsOptional()
  @IsId()
  user_id?: string;
}

export class JobDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'documents.ingest' })
  name!: string;

  @ApiProperty({ enum: JOB_STATES, enumName: 'JobState' })
  state!: JobState;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Who waits for it.' })
  user_id!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { version_id: '0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52' },
  })
  data!: Record<string, unknown> | null;

  @ApiProperty({ description: 'Attempts before the present one.' })
  attempts!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why the last attempt failed.' })
  error!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', description: 'Not before this time.' })
  start_after!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  completed_at!: string | null;

  static of(this: void, row: JobRow): JobDto {
    return {
      id: row.id,
      name: row.name,
      state: row.state,
      user_id: row.owner_id,
      data: row.data,
      attempts: row.attempts,
      error: row.error,
      created_at: row.created_at.toISOString(),
      start_after: row.start_after.toISOString(),
      started_at: row.started_at?.toISOString() ?? null,
      completed_at: row.completed_at?.toISOString() ?? null,
    };
  }
}

export class JobPageDto extends PageInfo {
  @ApiProperty({ type: [JobDto] })
  items!: JobDto[];
}
