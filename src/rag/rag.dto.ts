import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IsFilter } from '../common/filter/is-filter.js';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { IsId, IsNotBlank, IsText } from '../common/http/validators.js';
import { GROUPINGS, RETRIEVAL_MODES, type Grouping, type RetrievalMode } from './retrieval.types.js';

const MAX_QUESTION = 8000;
const MAX_IDS = 1000;

class ScopeDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'Only documents with such metadata: `{"field": value}`, operators `$eq $ne $in $nin $gt $gte $lt $lte $exists`, joined by `$and $or $not`.',
    example: { kind: 'bridge', year: { $gte: 1990 } },
  })
  @IsFilter()
  filter?: MetadataFilter;

  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'All that you may read by default.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  collection_ids?: string[];

  @ApiPropertyOptional({ type: [String], format: 'uuid' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_IDS)
  @IsId({ each: true })
  document_ids?: string[];
}

export class RagQueryDto extends ScopeDto {
  @ApiProperty({ example: 'Who designed the bridge?', maxLength: MAX_QUESTION })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_QUESTION)
  query!: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 3 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  n_results?: number;

  @ApiPropertyOptional({ enum: RETRIEVAL_MODES, enumName: 'RetrievalMode', default: 'hybrid' })
  @IsOptional()
  @IsIn(RETRIEVAL_MODES)
  mode?: RetrievalMode;

  @ApiPropertyOptional({
    enum: GROUPINGS,
    enumName: 'Grouping',
    default: 'none',
    description: '`document` counts documents, each with its best passage.',
  })
  @IsOptional()
  @IsIn(GROUPINGS)
  group_by?: Grouping;
}

export class LangchainQueryDto extends ScopeDto {
  @ApiProperty({ example: 'Who designed the bridge?', maxLength: MAX_QUESTION })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_QUESTION)
  question!: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 3 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  n_docs?: number;
}

export class AskDto extends ScopeDto {
  @ApiProperty({ example: 'Who designed the bridge?', maxLength: MAX_QUESTION })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_QUESTION)
  question!: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 8 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  n_results?: number;

  @ApiPropertyOptional({
    format: 'uuid',
    description:
      'The conversation that the question belongs to: it may refer to what was said before. An id that nobody has begins one.',
  })
  @IsOptional()
  @IsId()
  conversation_id?: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Answer as server-sent events; where it is left out, `Accept: text/event-stream` decides.',
  })
  @IsOptional()
  @IsBoolean()
  stream?: boolean;
}
