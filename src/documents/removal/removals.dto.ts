import { ApiProperty } from '@nestjs/swagger';
import type { RemovalRow } from '../documents.types.js';

export class RemovedCollectionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['deleting'], description: 'Nobody can see it or anything in it any more.' })
  status!: 'deleting';

  @ApiProperty({ format: 'uuid', description: 'Follow it at `GET /removals/{id}`.' })
  removal_id!: string;
}

export class RemovalDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['collection', 'user'] })
  kind!: 'collection' | 'user';

  @ApiProperty({ format: 'uuid', description: 'Of the collection or user.' })
  subject_id!: string;

  @ApiProperty({ enum: ['running', 'done'] })
  status!: 'running' | 'done';

  @ApiProperty({ description: 'Documents in it when it began.' })
  documents!: number;

  @ApiProperty({ description: 'Documents of which rows, passages, vectors or bytes are left.' })
  remaining!: number;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  static of(row: RemovalRow): RemovalDto {
    return {
      ...row,
      status: row.finished_at ? 'done' : 'running',
      created_at: row.created_at.toISOString(),
      finished_at: row.finished_at?.toISOString() ?? null,
    };
  }
}
