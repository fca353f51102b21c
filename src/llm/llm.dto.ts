import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, MaxLength } from 'class-validator';
import { IsNotBlank, IsText } from '../common/http/validators.js';
import type { LlmBudgetState, LlmResult, LlmUsage } from './llm.types.js';

const MAX_PROMPT = 100_000;

export class GenerateDto {
  @ApiProperty({ example: 'Say in one sentence what a bridge is.', minLength: 1, maxLength: MAX_PROMPT })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_PROMPT)
  prompt!: string;

  @ApiPropertyOptional({
    description: 'Answer with server-sent events; where it is left out, `Accept: text/event-stream` decides.',
    default: false,
  })
  @IsOptional()
  @IsBoolean()
  stream?: boolean;
}

export class LlmUsageDto implements LlmUsage {
  @ApiProperty({ type: Number, nullable: true, example: 12 })
  prompt_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 31 })
  completion_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 43 })
  total_tokens!: number | null;
}

export class GeneratedDto {
  @ApiProperty({ example: 'A bridge carries a way over an obstacle.' })
  response!: string;

  @ApiProperty({ example: 'gemini-flash-latest' })
  model!: string;

  @ApiProperty({ type: LlmUsageDto })
  usage!: LlmUsageDto;

  @ApiProperty({ description: 'The text ends at the limit of tokens, not at its end.', example: false })
  cut!: boolean;

  static of({ text, model, usage, cut }: LlmResult): GeneratedDto {
    return { response: text, model, usage, cut };
  }
}

export class LlmUsageStateDto {
  @ApiProperty({ example: '2026-11-25', description: 'Day in UTC.' })
  day!: string;

  @ApiProperty({ example: 4312, description: 'Tokens, those of answers under way included.' })
  used!: number;

  @ApiProperty({ type: Number, nullable: true, example: 1_000_000, description: 'Null without a limit.' })
  limit!: number | null;

  @ApiProperty({ format: 'date-time', description: 'When the next day begins.' })
  resets_at!: string;

  static of({ day, used, limit, resetsAt }: LlmBudgetState): LlmUsageStateDto {
    return { day, used, limit, resets_at: resetsAt.toISOString() };
  }
}
