import { ApiProperty } from '@nestjs/swagger';
import { PartsDto } from '../health/health.types.js';
import type { JobCounts } from '../jobs/jobs.types.js';

export class AdminUserDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ description: 'The e-mail address of somebody without a username.' })
  username!: string;

  @ApiProperty({ type: [String], example: ['user', 'admin'] })
  roles!: string[];
}

export class AdminHealthDto {
  @ApiProperty()
  ok!: boolean;

  @ApiProperty({ type: AdminUserDto })
  user!: AdminUserDto;

  @ApiProperty({ type: PartsDto })
  parts!: PartsDto;
}

export class DocumentFiguresDto {
  @ApiProperty()
  total!: number;

  @ApiProperty()
  failed!: number;

  @ApiProperty({ description: 'Not yet ready.' })
  pending!: number;

  @ApiProperty({ description: 'Of the originals.' })
  bytes!: number;
}

export class IndexFiguresDto {
  @ApiProperty()
  chunks!: number;

  @ApiProperty({ example: 'all-MiniLM-L6-v2' })
  encoder!: string;

  @ApiProperty({ example: 'ready' })
  encoder_state!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Null while the vector store does not answer.' })
  vectors!: number | null;

  @ApiProperty({ description: 'Document versions that wait for vectors.' })
  waiting!: number;
}

export class JobCountsDto implements JobCounts {
  @ApiProperty({ example: 'documents.ingest' })
  name!: string;

  @ApiProperty({ example: 'completed' })
  state!: string;

  @ApiProperty()
  count!: number;
}

export class DashboardDto {
  @ApiProperty()
  users!: number;

  @ApiProperty({ type: DocumentFiguresDto })
  documents!: DocumentFiguresDto;

  @ApiProperty({ type: IndexFiguresDto })
  index!: IndexFiguresDto;

  @ApiProperty({ type: [JobCountsDto] })
  jobs!: JobCountsDto[];

  @ApiProperty()
  uptime_seconds!: number;
}
