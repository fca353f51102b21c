import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { IsId, IsNested, MayHaveValues } from '../common/http/validators.js';
import type { EncoderOffer } from '../embeddings/embeddings.types.js';
import {
  ACTIVATIONS,
  SWITCH_PHASES,
  type Activation,
  type SwitchPhase,
  type SwitchRequest,
  type SwitchRow,
} from '../encoders/encoders.types.js';

const MOST_QUERIES = 500;
const MOST_RELEVANT = 100;

export class EncoderDto {
  @ApiProperty({ example: 'bge-small-en-v1.5' })
  name!: string;

  @ApiProperty({ example: 384 })
  dimensions!: number;

  @ApiProperty({ description: 'Whether it can be used on this machine.' })
  usable!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'What to do where it cannot.' })
  advice!: string | null;

  static of(this: void, { modelId, dimensions, lacks }: EncoderOffer): EncoderDto {
    return { name: modelId, dimensions, usable: lacks === null, advice: lacks };
  }
}

export class RelevantDto {
  @ApiProperty({ example: 'handbook-2026' })
  @IsString()
  @Length(1, 512)
  doc_id!: string;

  @ApiPropertyOptional({ default: 1, minimum: 0, maximum: 10, description: 'How relevant it is; 0 is not.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10)
  grade?: number;
}

export class JudgedQueryDto {
  @ApiProperty({ example: 'How many days of leave do I have?' })
  @IsString()
  @Length(1, 2000)
  query!: string;

  @ApiProperty({ type: [RelevantDto], minItems: 1, maxItems: MOST_RELEVANT })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_RELEVANT)
  @IsNested(() => RelevantDto, { each: true })
  relevant!: RelevantDto[];
}

export class SampleDto {
  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    maxItems: 100,
    description: 'Where is searched; all that you may read by default.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsId({ each: true })
  collection_ids?: string[];

  @ApiProperty({ type: [JudgedQueryDto], minItems: 1, maxItems: MOST_QUERIES })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_QUERIES)
  @IsNested(() => JudgedQueryDto, { each: true })
  queries!: JudgedQueryDto[];
}

// 500 questions with 100 documents each.
@MayHaveValues(200_000)
export class ChangeEncoderDto {
  @ApiProperty({
    example: 'bge-small-en-v1.5',
    description:
      'One that `GET /admin/index` names under `encoders` (also any folder in `MODELS_DIR` with an `encoder.json`), or `gemini:<name>`.',
  })
  @IsString()
  @Length(1, 200)
  encoder!: string;

  @ApiPropertyOptional({
    enum: ACTIVATIONS,
    default: 'always',
    description:
      'When the new index is to answer: as soon as it is whole; only if nDCG@10 on the sample is not lower; or when `POST /admin/index/activate` says so. One that is not activated stays `ready` until it is activated or cancelled.',
  })
  @IsOptional()
  @IsIn(ACTIVATIONS)
  activate?: Activation;

  @ApiPropertyOptional({
    default: false,
    description: 'Removes the index that answered before. Without it one can go back.',
  })
  @IsOptional()
  @IsBoolean()
  remove_old?: boolean;

  @ApiPropertyOptional({ type: SampleDto, description: 'Queries on which both encoders are compared.' })
  // Also where it is missed: the answer then says so.
  @ValidateIf((body: ChangeEncoderDto) => body.sample !== undefined || body.activate === 'if_not_worse')
  @IsDefined()
  @IsNested(() => SampleDto)
  sample?: SampleDto;

  static toRequest(this: void, body: ChangeEncoderDto): SwitchRequest {
    const { encoder, activate = 'always', remove_old: removeOld = false, sample } = body;
    return {
      encoder,
      activate,
      removeOld,
      sample: sample && {
        collectionIds: sample.collection_ids,
        queries: sample.queries.map(({ query, relevant }) => ({
          query,
          relevant: relevant.map(({ doc_id, grade = 1 }) => ({ docId: doc_id, grade })),
        })),
      },
    };
  }
}

export class EncoderQualityDto {
  @ApiProperty({ example: 'all-MiniLM-L6-v2' })
  encoder!: string;

  @ApiProperty({
    example: 0.7421,
    description: 'Mean over the queries, 0 to 1, of a hybrid search for documents.',
  })
  ndcg10!: number;
}

export class EncoderComparisonDto {
  @ApiProperty({ example: 50 })
  queries!: number;

  @ApiProperty({ type: EncoderQualityDto })
  before!: EncoderQualityDto;

  @ApiProperty({ type: EncoderQualityDto })
  after!: EncoderQualityDto;

  @ApiProperty({ description: 'Queries that the new encoder answers better.' })
  better!: number;

  @ApiProperty({ description: 'Queries that the new encoder answers worse.' })
  worse!: number;
}

export class SwitchProgressDto {
  @ApiProperty({ description: 'Passages that the new index holds.' })
  done!: number;

  @ApiProperty({ description: 'Passages that are shown.' })
  total!: number;
}

export class EncoderSwitchDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['switch', 'rollback'] })
  kind!: SwitchRow['kind'];

  @ApiProperty({
    enum: SWITCH_PHASES,
    description:
      '`building` and `comparing` take their time; `ready` waits for `POST /admin/index/activate`; `preparing` and `switching` take seconds; `done`, `cancelled` and `failed` are ends.',
  })
  phase!: SwitchPhase;

  @ApiProperty({ example: 'bge-small-en-v1.5' })
  encoder!: string;

  @ApiProperty({ type: String, nullable: true, example: 'all-MiniLM-L6-v2' })
  previous_encoder!: string | null;

  @ApiProperty({ format: 'uuid', description: 'Of the index with the vectors of `encoder`.' })
  index_id!: string;

  @ApiProperty({ enum: ACTIVATIONS })
  activate!: Activation;

  @ApiProperty()
  remove_old!: boolean;

  @ApiProperty({ type: SwitchProgressDto })
  progress!: SwitchProgressDto;

  @ApiProperty({ type: EncoderComparisonDto, nullable: true })
  comparison!: EncoderComparisonDto | null;

  @ApiProperty({ type: String, nullable: true, description: 'What it waits for, or why it failed.' })
  detail!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  static of(this: void, row: SwitchRow): EncoderSwitchDto {
    const { id, kind, phase, index_id, activate, remove_old, done, total, detail, comparison } = row;
    const quality = ({ model, ndcg10 }: { model: string; ndcg10: number }): EncoderQualityDto => ({
      encoder: model,
      ndcg10,
    });
    return {
      id,
      kind,
      phase,
      encoder: row.model_id,
      previous_encoder: row.from_model_id,
      index_id,
      activate,
      remove_old,
      progress: { done, total },
      comparison: comparison && {
        ...comparison,
        before: quality(comparison.before),
        after: quality(comparison.after),
      },
      detail,
      created_at: row.created_at.toISOString(),
      finished_at: row.finished_at?.toISOString() ?? null,
    };
  }
}
