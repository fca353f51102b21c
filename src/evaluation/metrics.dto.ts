import { ApiProperty } from '@nestjs/swagger';
import type { AnswerMetrics, EvaluationMetrics, MeasuredWith } from './evaluations.types.js';

class AnswerMetricsDto implements AnswerMetrics {
  @ApiProperty({ type: 'integer', description: 'Questions that the documents answer.' })
  answerable!: number;

  @ApiProperty({ type: 'integer', description: 'Those of them that got an answer with a citation.' })
  answered!: number;

  @ApiProperty({ type: 'integer', description: 'Questions that the documents do not answer.' })
  unanswerable!: number;

  @ApiProperty({ type: 'integer', description: 'Those of them where the answer says so.' })
  abstained!: number;

  @ApiProperty({ type: 'integer', description: 'Citations of all answers.' })
  citations!: number;

  @ApiProperty({ type: 'integer', description: 'Those of them whose quote stands in the document.' })
  verified!: number;
}

/** Means over the questions that have a relevant document, by the definitions of trec_eval. */
export class EvaluationMetricsDto implements EvaluationMetrics {
  @ApiProperty({ example: 0.742, description: 'nDCG@10, 0 to 1.' })
  ndcg10!: number;

  @ApiProperty({ example: 0.87, description: 'Recall@10, 0 to 1.' })
  recall10!: number;

  @ApiProperty({ example: 0.96, description: 'Recall@100, 0 to 1.' })
  recall100!: number;

  @ApiProperty({ example: 0.71, description: 'MRR@10, 0 to 1.' })
  mrr10!: number;

  @ApiProperty({ type: 'integer', example: 300, description: 'Questions that have a relevant document.' })
  queries!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 11.2,
    description: 'Median time of a retrieval in milliseconds.',
  })
  p50_ms!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 19.5 })
  p99_ms!: number | null;

  @ApiProperty({
    type: [String],
    example: [],
    description: 'Codes of what was left out of at least one retrieval or answer.',
  })
  degraded!: string[];

  @ApiProperty({ type: AnswerMetricsDto, nullable: true, description: 'With `answers`.' })
  answers!: AnswerMetricsDto | null;
}

export class MeasuredWithDto implements MeasuredWith {
  @ApiProperty({ example: '1.0.0' })
  version!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'all-MiniLM-L6-v2',
    description: 'Null while there was none.',
  })
  encoder!: string | null;

  @ApiProperty({ example: 'convex' })
  fusion!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  reranker!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Language model that wrote answers.',
  })
  llm!: string | null;
}
