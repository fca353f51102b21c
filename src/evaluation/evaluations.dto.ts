import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional, MaxLength } from 'class-validator';
import { PageInfo } from '../common/http/page.js';
import { IsId, IsInstant, IsNested, IsNotBlank, IsText, RawJson } from '../common/http/validators.js';
import { RETRIEVAL_MODES, type RetrievalMode } from '../rag/retrieval.types.js';
import {
  EVALUATION_SOURCES,
  EVALUATION_STATES,
  type EvaluationRow,
  type EvaluationSource,
  type EvaluationState,
} from './evaluations.types.js';
import { EvaluationMetricsDto, MeasuredWithDto } from './metrics.dto.js';
import {
  MAX_DOC_ID,
  MAX_JUDGEMENTS,
  MAX_QUERIES,
  MAX_QUERY,
  MAX_QUERY_ID,
  MAX_RELEVANCE,
} from './query-set.js';

class EvaluationQueryDto {
  @ApiProperty({
    example: 'q1',
    maxLength: MAX_QUERY_ID,
    description: 'A name of your own, once in the set.',
  })
  id!: string;

  @ApiProperty({ example: 'When was the bridge opened?', maxLength: MAX_QUERY })
  text!: string;

  @ApiPropertyOptional({
    default: true,
    description: 'False for a question that the documents do not answer: right is to say so.',
  })
  answerable?: boolean;
}

class EvaluationJudgementDto {
  @ApiProperty({ example: 'q1' })
  query_id!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The document; else its `doc_id`.' })
  document_id?: string;

  @ApiPropertyOptional({
    example: 'bridge/1',
    maxLength: MAX_DOC_ID,
    description: 'In whatever collection is searched; not looked at beside a `document_id`.',
  })
  doc_id?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Not looked at: documents are judged.' })
  chunk_id?: string;

  @ApiProperty({
    minimum: 0,
    maximum: MAX_RELEVANCE,
    type: 'integer',
    example: 1,
    description: '0 is not relevant; higher grades are worth more in nDCG.',
  })
  relevance!: number;
}

class FromFeedbackDto {
  @ApiPropertyOptional({ format: 'date-time', description: 'Only what was said since then.' })
  @IsOptional()
  @IsInstant()
  since?: string;
}

export class CreateEvaluationDto {
  @ApiPropertyOptional({ example: 'before the new encoder', maxLength: 200 })
  @IsOptional()
  @IsText()
  @IsNotBlank()
  @MaxLength(200)
  name?: string;

  @ApiPropertyOptional({
    type: [EvaluationQueryDto],
    minItems: 1,
    maxItems: MAX_QUERIES,
    description: 'The questions; or `feedback`.',
    example: [
      { id: 'q1', text: 'When was the bridge opened?' },
      { id: 'q2', text: 'What does the bridge weigh?', answerable: false },
    ],
  })
  @RawJson()
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_QUERIES)
  queries?: EvaluationQueryDto[];

  @ApiPropertyOptional({
    type: [EvaluationJudgementDto],
    maxItems: MAX_JUDGEMENTS,
    description: 'Which documents answer the questions, and how well.',
    example: [{ query_id: 'q1', doc_id: 'bridge/1', relevance: 1 }],
  })
  @RawJson()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_JUDGEMENTS)
  judgements?: EvaluationJudgementDto[];

  @ApiPropertyOptional({
    type: FromFeedbackDto,
    description: 'Instead of `queries`: questions and judgements as users gave them, which is recorded.',
  })
  @IsOptional()
  @IsNested(() => FromFeedbackDto)
  feedback?: FromFeedbackDto;

  @ApiPropertyOptional({ enum: RETRIEVAL_MODES, enumName: 'RetrievalMode', default: 'hybrid' })
  @IsOptional()
  @IsIn(RETRIEVAL_MODES)
  mode?: RetrievalMode;

  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'All that you may read by default.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsId({ each: true })
  collection_ids?: string[];

  @ApiPropertyOptional({
    default: false,
    description:
      'Also has every question answered as `POST /rag/ask` does, which a language model counts to your tokens. The answers are not kept.',
  })
  @IsOptional()
  @IsBoolean()
  answers?: boolean;
}

class EvaluationProgressDto {
  @ApiProperty({ type: 'integer', example: 120, description: 'Questions that were asked.' })
  done!: number;

  @ApiProperty({ type: 'integer', example: 300 })
  total!: number;
}

class EvaluationErrorDto {
  @ApiProperty({ example: 'evaluation_interrupted' })
  code!: string;

  @ApiProperty({ example: 'The evaluation was interrupted.' })
  detail!: string;
}

export class EvaluationDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'before the new encoder' })
  name!: string | null;

  @ApiProperty({ enum: EVALUATION_STATES, enumName: 'EvaluationState', example: 'completed' })
  status!: EvaluationState;

  @ApiProperty({ type: EvaluationProgressDto })
  progress!: EvaluationProgressDto;

  @ApiProperty({
    enum: EVALUATION_SOURCES,
    enumName: 'EvaluationSource',
    description: 'Where the questions came from.',
  })
  source!: EvaluationSource;

  @ApiProperty({ enum: RETRIEVAL_MODES, enumName: 'RetrievalMode' })
  mode!: RetrievalMode;

  @ApiProperty({
    type: [String],
    format: 'uuid',
    nullable: true,
    description: 'Null is all that its user may read at the time.',
  })
  collection_ids!: string[] | null;

  @ApiProperty({ description: 'Whether it passes over permission, for a recorded reason.' })
  admin_access!: boolean;

  @ApiProperty({ description: 'Whether the questions are also answered.' })
  answers!: boolean;

  @ApiProperty({ type: EvaluationMetricsDto, nullable: true, description: 'Once it is completed.' })
  metrics!: EvaluationMetricsDto | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Relevant documents that are not among those that are searched: no ranking can have them.',
  })
  unknown_judgements!: number | null;

  @ApiProperty({
    type: MeasuredWithDto,
    nullable: true,
    description: 'What was measured; null while it waits.',
  })
  configuration!: MeasuredWithDto | null;

  @ApiProperty({ type: EvaluationErrorDto, nullable: true, description: 'Why it failed.' })
  error!: EvaluationErrorDto | null;

  @ApiProperty({ format: 'uuid', description: 'Who started it, and with whose rights it runs.' })
  user_id!: string;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  static of(this: void, row: EvaluationRow): EvaluationDto {
    return {
      id: row.id,
      name: row.name,
      status: row.status,
      progress: { done: row.done, total: row.total },
      source: row.source,
      mode: row.mode,
      collection_ids: row.collection_ids,
      admin_access: row.admin_access,
      answers: row.answers,
      metrics: row.metrics,
      unknown_judgements: row.unknown_judgements,
      configuration: row.configuration,
      error: row.error_code === null ? null : { code: row.error_code, detail: row.error_detail ?? '' },
      user_id: row.user_id,
      created_at: row.created_at.toISOString(),
      started_at: row.started_at?.toISOString() ?? null,
      finished_at: row.finished_at?.toISOString() ?? null,
    };
  }
}

export class EvaluationPageDto extends PageInfo {
  @ApiProperty({ type: [EvaluationDto] })
  items!: EvaluationDto[];
}
