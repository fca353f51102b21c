import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, MaxLength } from 'class-validator';
import { IsNotBlank, IsText } from '../common/http/validators.js';
import type { LlmResult, LlmUsage } from './llm.types.js';

const MAX_PROMPT = 100_000;

export class GenerateDto {
  @ApiProperty({ example: 'Say in one sentence what a bridge is.', minLength: 1, maxLength: MAX_PROMPT })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_PROMPT)
  prompt!: string;

  @ApiPropertyOptional({
    description: 'Answer with server-sent events, as `Accept: text/event-stream` does.',
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

  static of({ text, model, usage }: LlmResult): GeneratedDto {
    return { response: text, model, usage };
  }
}
