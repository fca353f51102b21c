import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { PageInfo } from '../common/http/page.js';
import { IsNotBlank, IsText } from '../common/http/validators.js';
import type {
  AnswerRow,
  ConversationRow,
  Feedback,
  StoredCitation,
  StoredUsage,
} from './conversations.types.js';

export class ConversationTitleDto {
  @ApiPropertyOptional({ example: 'About the bridge', maxLength: 200 })
  @IsOptional()
  @IsText()
  @IsNotBlank()
  @MaxLength(200)
  title?: string;
}

export class RenameConversationDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'About the bridge',
    maxLength: 200,
    description: 'null takes it away; left out, it stays.',
  })
  @IsOptional()
  @IsText()
  @IsNotBlank()
  @MaxLength(200)
  title?: string | null;
}

export class ConversationDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, description: 'By default its first question.' })
  title!: string | null;

  @ApiProperty({ description: 'Questions with their answers.', example: 3 })
  turns!: number;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was last used.' })
  updated_at!: string;

  static of(row: ConversationRow): ConversationDto {
    const { id, title, turns } = row;
    return {
      id,
      title,
      turns,
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
    };
  }
}

export class ConversationPage extends PageInfo {
  @ApiProperty({ type: [ConversationDto] })
  items!: ConversationDto[];
}

export class StoredCitationDto implements StoredCitation {
  @ApiProperty({ example: 1 })
  n!: number;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ example: 'bridge/1' })
  doc_id!: string;

  @ApiProperty({ format: 'uuid' })
  chunk_id!: string;

  @ApiProperty({ type: String, nullable: true })
  title!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Page, slide or sheet that the quote begins on, from 1; of files read by an older version, the one that its passage begins on.',
  })
  page!: number | null;

  @ApiProperty()
  char_start!: number;

  @ApiProperty()
  char_end!: number;

  @ApiProperty({ example: 'Othmar Kessler designed the bridge.' })
  quote!: string;

  @ApiProperty()
  verified!: boolean;
}

export class FeedbackDto {
  @ApiProperty()
  helpful!: boolean;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  chunk_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  comment!: string | null;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of({ helpful, chunk_id, comment, updated_at }: Feedback): FeedbackDto {
    return { helpful, chunk_id, comment, updated_at: new Date(updated_at).toISOString() };
  }
}

class StoredUsageDto implements StoredUsage {
  @ApiProperty({ type: Number, nullable: true })
  prompt_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  completion_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  total_tokens!: number | null;
}

/** An answer as it is kept. */
export class StoredAnswerDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  conversation_id!: string | null;

  @ApiProperty({ example: 'When was it opened?' })
  question!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'As it was asked of the documents, where that is another question.',
    example: 'When was the bridge opened?',
  })
  standalone_question!: string | null;

  @ApiProperty({ example: 'The bridge was opened in 1931. [1]' })
  answer!: string;

  @ApiProperty()
  supported!: boolean;

  @ApiProperty({ example: 'extractive' })
  model!: string;

  @ApiProperty({ type: [String], example: [] })
  degraded!: string[];

  @ApiProperty({ type: StoredUsageDto, nullable: true })
  usage!: StoredUsageDto | null;

  @ApiProperty({ type: [StoredCitationDto] })
  citations!: StoredCitationDto[];

  @ApiProperty({ type: [String], format: 'uuid', description: 'Passages that were shown, best first.' })
  chunk_ids!: string[];

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: FeedbackDto, nullable: true })
  feedback!: FeedbackDto | null;

  static of(row: AnswerRow): StoredAnswerDto {
    const { standalone, created_at, feedback, ...rest } = row;
    return {
      ...rest,
      standalone_question: standalone,
      created_at: created_at.toISOString(),
      feedback: feedback && FeedbackDto.of(feedback),
    };
  }
}

export class StoredAnswerPage extends PageInfo {
  @ApiProperty({ type: [StoredAnswerDto] })
  items!: StoredAnswerDto[];
}

export class ConversationExportDto {
  @ApiProperty({ type: ConversationDto })
  conversation!: ConversationDto;

  @ApiProperty({ type: [StoredAnswerDto], description: 'Oldest first.' })
  turns!: StoredAnswerDto[];

  static of(kept: { conversation: ConversationRow; turns: readonly AnswerRow[] }): ConversationExportDto {
    return {
      conversation: ConversationDto.of(kept.conversation),
      turns: kept.turns.map((row) => StoredAnswerDto.of(row)),
    };
  }
}
