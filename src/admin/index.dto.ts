import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import type { IndexState } from './index-admin.service.js';
import { EncoderDto, EncoderSwitchDto } from './encoder.dto.js';
import type { Found, ReconcileReport, ReconciliationRow } from '../ingestion/reconcile/reconcile.types.js';
import { REBUILDABLE, type Rebuildable, type RebuildState } from '../ingestion/rebuild/rebuild.types.js';
import type { RegisteredIndex } from '../vector/vector.types.js';

export class VectorIndexDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'all-MiniLM-L6-v2' })
  model!: string;

  @ApiProperty({ example: 384 })
  dimensions!: number;

  @ApiProperty({ example: 'pgvector' })
  store!: string;

  @ApiProperty({ enum: ['building', 'active', 'retired'] })
  state!: RegisteredIndex['state'];

  @ApiProperty({ description: 'Answered before and stays, so that one can go back to its encoder.' })
  kept!: boolean;

  @ApiProperty({
    description:
      'The store lost it, or took the place of another one. It is made again, and answers nothing until it is whole.',
  })
  lost!: boolean;

  static of(this: void, index: RegisteredIndex): VectorIndexDto {
    const { id, modelId, dimensions, store, state, kept, lost } = index;
    return { id, model: modelId, dimensions, store, state, kept, lost };
  }
}

export class FoundDto implements Found {
  @ApiProperty()
  found!: number;

  @ApiProperty({ description: 'Of these, put right in this run.' })
  mended!: number;

  @ApiProperty({ type: [String], description: 'A few of them: keys of files, ids of versions or users.' })
  examples!: string[];
}

export class ReconcileReportDto implements ReconcileReport {
  @ApiProperty({ type: FoundDto, description: 'Stored files that belong to no document.' })
  orphan_files!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Documents whose stored file is gone. Upload them again.' })
  missing_files!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Vectors of documents that are gone.' })
  orphan_vectors!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Documents that lack vectors although they count as whole.' })
  missing_vectors!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Documents that are gone and still in the word index.' })
  orphan_words!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Documents that the word index lacks, or passages of them.' })
  missing_words!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Versions that are neither shown nor being removed.' })
  stray_versions!: FoundDto;

  @ApiProperty({ type: FoundDto, description: 'Users whose usage was counted wrongly.' })
  wrong_usage!: FoundDto;

  @ApiProperty({ description: 'Vector indexes of former encoders that were dropped.' })
  dropped_indexes!: number;
}

export class ReconciliationDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['running', 'done', 'failed'] })
  status!: 'running' | 'done' | 'failed';

  @ApiProperty()
  dry_run!: boolean;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  @ApiProperty({ type: String, nullable: true })
  error!: string | null;

  @ApiProperty({ type: ReconcileReportDto, nullable: true })
  report!: ReconcileReportDto | null;

  static of(this: void, row: ReconciliationRow): ReconciliationDto {
    const { id, dry_run, created_at, finished_at, error, report } = row;
    return {
      id,
      status: finished_at ? (error === null ? 'done' : 'failed') : 'running',
      dry_run,
      created_at: created_at.toISOString(),
      finished_at: finished_at?.toISOString() ?? null,
      error,
      report,
    };
  }
}

export class RebuildDto {
  @ApiProperty({
    enum: REBUILDABLE,
    description:
      'The word index is built beside the one that answers and then takes its place. Vectors are made again one by one, each in the place of the same one; they are those of the index that answers.',
  })
  @IsIn(REBUILDABLE)
  what!: Rebuildable;
}

export class IndexRebuildDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: REBUILDABLE })
  what!: Rebuildable;

  @ApiProperty({ enum: ['running', 'done', 'failed'] })
  status!: 'running' | 'done' | 'failed';

  @ApiProperty({
    description:
      'It was begun because the vector store had lost the index or took the place of another one, or found so meanwhile: queries go by words until it is done.',
  })
  lost!: boolean;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 4100,
    description: 'Passages that have their vectors again; null for words, and where it is over.',
  })
  done!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 5183, description: 'Passages that are shown.' })
  total!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'The encoder is loading.',
    description: 'What it waits for, or why it failed.',
  })
  detail!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  static of(this: void, state: RebuildState): IndexRebuildDto {
    const { id, what, lost, done, total, detail, created_at, finished_at, failed } = state;
    return {
      id,
      what,
      status: finished_at ? (failed ? 'failed' : 'done') : 'running',
      lost,
      done,
      total,
      detail,
      created_at: created_at.toISOString(),
      finished_at: finished_at?.toISOString() ?? null,
    };
  }
}

export class IndexStateDto {
  @ApiProperty({ type: [VectorIndexDto] })
  indexes!: VectorIndexDto[];

  @ApiProperty({ description: 'Passages that are shown.' })
  chunks!: number;

  @ApiProperty({ example: 'all-MiniLM-L6-v2' })
  encoder!: string;

  @ApiProperty({ example: 'ready' })
  encoder_state!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'In the active index; null while it does not answer.',
  })
  vectors!: number | null;

  @ApiProperty({ description: 'Document versions that wait for vectors.' })
  waiting!: number;

  @ApiProperty({ type: ReconciliationDto, nullable: true, description: 'The last comparison of the stores.' })
  last_check!: ReconciliationDto | null;

  @ApiProperty({
    type: [IndexRebuildDto],
    description:
      'The rebuild of the words and that of the vectors that is under way, else the last one of each.',
  })
  rebuilds!: IndexRebuildDto[];

  @ApiProperty({
    example: 'all-MiniLM-L6-v2',
    description: '`EMBEDDING_MODEL`: the first choice of a new installation. `encoder` is the one in use.',
  })
  configured_encoder!: string;

  @ApiProperty({ type: [EncoderDto], description: 'Encoders that one can change to.' })
  encoders!: EncoderDto[];

  @ApiProperty({
    type: EncoderSwitchDto,
    nullable: true,
    description: 'The change of the encoder that is under way, else the last one.',
  })
  encoder_switch!: EncoderSwitchDto | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'bge-small-en-v1.5',
    description: 'The encoder that `POST /admin/index/rollback` goes back to.',
  })
  previous_encoder!: string | null;

  static of(this: void, state: IndexState): IndexStateDto {
    const { indexes, lastCheck, encoders, rebuilds, ...figures } = state;
    return {
      ...figures,
      indexes: indexes.map(VectorIndexDto.of),
      last_check: lastCheck ? ReconciliationDto.of(lastCheck) : null,
      rebuilds: rebuilds.map(IndexRebuildDto.of),
      configured_encoder: encoders.configured,
      encoders: encoders.available.map(EncoderDto.of),
      encoder_switch: encoders.change ? EncoderSwitchDto.of(encoders.change) : null,
      previous_encoder: encoders.previous ?? null,
    };
  }
}

export class ReconcileDto {
  @ApiPropertyOptional({
    default: true,
    description: 'Only reports. With `false`, what differs is put right: PostgreSQL is the truth.',
  })
  @IsOptional()
  @IsBoolean()
  dry_run?: boolean;
}
