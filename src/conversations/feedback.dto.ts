import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, MaxLength } from 'class-validator';
import { IsId, IsInstant, IsText } from '../common/http/validators.js';
import type { QuerySet } from './conversations.types.js';

export class GiveFeedbackDto {
  @ApiProperty({ example: false, description: 'Whether the answer helped.' })
  @IsBoolean()
  helpful!: boolean;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The passage that answers the question: any that you may read, as `chunk_id` of a result.',
  })
  @IsOptional()
  @IsId()
  chunk_id?: string;

  @ApiPropertyOptional({ maxLength: 2000, example: 'The newer manual says something else.' })
  @IsOptional()
  @IsText()
  @MaxLength(2000)
  comment?: string;
}

export class FeedbackExportQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'Only what was said since then.' })
  @IsOptional()
  @IsInstant()
  since?: string;
}

class FeedbackQueryDto {
  @ApiProperty({ format: 'uuid', description: 'Id of the answer.' })
  id!: string;

  @ApiProperty({ example: 'When was the bridge opened?' })
  text!: string;
}

class JudgementDto {
  @ApiProperty({ format: 'uuid' })
  query_id!: string;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ example: 'bridge/1' })
  doc_id!: string;

  @ApiProperty({ format: 'uuid' })
  chunk_id!: string;

  @ApiProperty({ enum: [0, 1], description: '1 answers the question, 0 does not.' })
  relevance!: 0 | 1;
}

export class QuerySetDto implements QuerySet {
  @ApiProperty({ type: [FeedbackQueryDto] })
  queries!: FeedbackQueryDto[];

  @ApiProperty({ type: [JudgementDto] })
  judgements!: JudgementDto[];
}
