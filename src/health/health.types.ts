import { ApiProperty } from '@nestjs/swagger';

const STATUSES = ['up', 'degraded', 'down'] as const;

/** `up` serves in full; `degraded` is declared and served without; `down` keeps the server from being ready. */
export type PartStatus = 'up' | 'degraded' | 'down';

export interface PartHealth {
  status: PartStatus;
  detail: string | null;
}

export type Parts = Record<
  'database' | 'vector_store' | 'encoder' | 'reranker' | 'llm' | 'jobs' | 'files',
  PartHealth
>;

export class PartDto implements PartHealth {
  @ApiProperty({ enum: STATUSES, enumName: 'PartStatus' })
  status!: PartStatus;

  @ApiProperty({ type: String, nullable: true, description: 'Why; shown to admins only.' })
  detail!: string | null;
}

export class PartsDto implements Parts {
  @ApiProperty({ type: PartDto })
  database!: PartDto;

  @ApiProperty({ type: PartDto })
  vector_store!: PartDto;

  @ApiProperty({ type: PartDto })
  encoder!: PartDto;

  @ApiProperty({ type: PartDto })
  reranker!: PartDto;

  @ApiProperty({ type: PartDto })
  llm!: PartDto;

  @ApiProperty({ type: PartDto })
  jobs!: PartDto;

  @ApiProperty({ type: PartDto })
  files!: PartDto;
}
