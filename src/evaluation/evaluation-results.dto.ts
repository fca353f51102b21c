import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageInfo, type Page } from '../common/http/page.js';
import { IsId, IsQueryInteger } from '../common/http/validators.js';
import type { Comparison } from './compare.js';
import type { EvaluationComparison, QueryResult, RankedDocument } from './evaluation-results.service.js';
import type { ComparedFigure, Judgement, QueryAnswer } from './evaluations.types.js';

const MAX_RESULTS = 50;

export class ResultsQuery {
  @ApiPropertyOptional({
    description: 'Most items in this page.',
    minimum: 1,
    maximum: MAX_RESULTS,
    default: 20,
  })
  @IsQueryInteger(1, MAX_RESULTS)
  limit?: number;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;
}

export class ComparisonQuery {
  @ApiProperty({ format: 'uuid', description: 'The evaluation to compare with.' })
  @IsId()
  baseline!: string;
}

export class RankedDocumentDto implements RankedDocument {
  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ example: 'bridge/1' })
  doc_id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'The bridge' })
  title!: string | null;
}

class ShownJudgementDto implements Judgement {
  @ApiPropertyOptional({ format: 'uuid' })
  document_id?: string;

  @ApiPropertyOptional({ example: 'bridge/1' })
  doc_id?: string;

  @ApiProperty({ type: 'integer', example: 1 })
  relevance!: number;
}

class QueryAnswerDto implements QueryAnswer {
  @ApiProperty()
  supported!: boolean;

  @ApiProperty({ type: 'integer' })
  citations!: number;

  @ApiProperty({ type: 'integer' })
  verified!: number;
}

class QueryFiguresDto {
  @ApiProperty({ example: 0.63 })
  ndcg10!: number;

  @ApiProperty({ example: 1 })
  recall10!: number;

  @ApiProperty({ example: 1 })
  recall100!: number;

  @ApiProperty({ example: 0.5 })
  mrr10!: number;
}

class EvaluationResultDto {
  @ApiProperty({ example: 'q1' })
  query_id!: string;

  @ApiProperty({ example: 'When was the bridge opened?' })
  text!: string;

  @ApiProperty()
  answerable!: boolean;

  @ApiProperty({ type: [ShownJudgementDto] })
  judgements!: Judgement[];

  @ApiProperty({ description: 'False until it was asked.' })
  done!: boolean;

  @ApiProperty({ type: QueryFiguresDto, nullable: true, description: 'Null without a relevant document.' })
  metrics!: QueryFiguresDto | null;

  @ApiProperty({
    type: 'array',
    nullable: true,
    items: {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/RankedDocumentDto' }],
      nullable: true,
    },
    description:
      'Best first, at most 100. Null in the place of a document that is gone or that you may not read.',
  })
  ranking!: (RankedDocument | null)[] | null;

  @ApiProperty({ type: Number, nullable: true, example: 10.4 })
  took_ms!: number | null;

  @ApiProperty({ type: [String], nullable: true, example: [] })
  degraded!: string[] | null;

  @ApiProperty({ type: QueryAnswerDto, nullable: true })
  answer!: QueryAnswer | null;

  static of(this: void, row: QueryResult): EvaluationResultDto {
    const { ndcg10, recall10, recall100, mrr10 } = row;
    const known = ndcg10 !== null && recall10 !== null && recall100 !== null && mrr10 !== null;
    return {
      query_id: row.query_id,
      text: row.text,
      answerable: row.answerable,
      judgements: row.judgements,
      done: row.done_at !== null,
      metrics: known ? { ndcg10, recall10, recall100, mrr10 } : null,
      ranking: row.ranking,
      took_ms: row.took_ms,
      degraded: row.degraded,
      answer: row.answer,
    };
  }
}

export class ResultPageDto extends PageInfo {
  @ApiProperty({ type: [EvaluationResultDto] })
  items!: EvaluationResultDto[];

  static from(this: void, page: Page<QueryResult>): ResultPageDto {
    return { ...page, items: page.items.map(EvaluationResultDto.of) };
  }
}

class FigureComparisonDto {
  @ApiProperty({ example: 0.731, description: 'Mean of the baseline over the questions of both.' })
  baseline!: number;

  @ApiProperty({ example: 0.742 })
  evaluation!: number;

  @ApiProperty({ example: 0.011 })
  difference!: number;

  @ApiProperty({ type: 'integer', example: 41, description: 'Questions that became better.' })
  better!: number;

  @ApiProperty({ type: 'integer', example: 22 })
  worse!: number;

  @ApiProperty({
    example: 0.03,
    description:
      'How likely a difference this large is by chance alone: paired randomisation test, two-sided.',
  })
  p!: number;

  static of(this: void, { before, after, better, worse, p }: Comparison): FigureComparisonDto {
    return { baseline: before, evaluation: after, difference: after - before, better, worse, p };
  }
}

class FigureComparisonsDto implements Record<ComparedFigure, FigureComparisonDto> {
  @ApiProperty({ type: FigureComparisonDto })
  ndcg10!: FigureComparisonDto;

  @ApiProperty({ type: FigureComparisonDto })
  recall10!: FigureComparisonDto;

  @ApiProperty({ type: FigureComparisonDto })
  recall100!: FigureComparisonDto;

  @ApiProperty({ type: FigureComparisonDto })
  mrr10!: FigureComparisonDto;
}

class EvaluationChangeDto {
  @ApiProperty({ example: 'q1' })
  query_id!: string;

  @ApiProperty({ example: 'When was the bridge opened?' })
  text!: string;

  @ApiProperty({ type: QueryFiguresDto })
  baseline!: QueryFiguresDto;

  @ApiProperty({ type: QueryFiguresDto })
  evaluation!: QueryFiguresDto;
}

export class ComparisonDto {
  @ApiProperty({ format: 'uuid' })
  baseline_id!: string;

  @ApiProperty({ format: 'uuid' })
  evaluation_id!: string;

  @ApiProperty({ type: 'integer', description: 'Judged questions that both were asked in the same way.' })
  queries!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Judged questions of either that the other has not, or otherwise.',
  })
  unpaired!: number;

  @ApiProperty({ type: FigureComparisonsDto })
  metrics!: FigureComparisonsDto;

  @ApiProperty({
    type: [EvaluationChangeDto],
    description: 'At most 50, by nDCG@10, the largest difference first.',
  })
  changes!: EvaluationChangeDto[];

  static of(this: void, found: EvaluationComparison): ComparisonDto {
    const { ndcg10, recall10, recall100, mrr10 } = found.figures;
    return {
      baseline_id: found.baselineId,
      evaluation_id: found.evaluationId,
      queries: ndcg10.queries,
      unpaired: found.unpaired,
      metrics: {
        ndcg10: FigureComparisonDto.of(ndcg10),
        recall10: FigureComparisonDto.of(recall10),
        recall100: FigureComparisonDto.of(recall100),
        mrr10: FigureComparisonDto.of(mrr10),
      },
      changes: found.changes,
    };
  }
}
