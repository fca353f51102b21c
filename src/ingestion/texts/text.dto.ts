import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { Excludes, IsId, IsMetadata, IsNested, IsNotBlank, IsText } from '../../common/http/validators.js';
import type { Metadata } from '../../documents/documents.types.js';

const MAX_WAIT_MS = 60_000;
/** UTF-16 code units of a text in a request; a file may hold more. */
const MAX_REQUEST_TEXT = 10_000_000;

class TextFields {
  @ApiProperty({
    example: 'The main span measures 504 metres. Othmar Kessler designed the bridge.',
    maxLength: MAX_REQUEST_TEXT,
  })
  @IsText()
  @IsNotBlank()
  @MaxLength(MAX_REQUEST_TEXT)
  text!: string;

  @ApiPropertyOptional({ example: 'Bridge facts', maxLength: 1000 })
  @IsOptional()
  @IsText()
  @MaxLength(1000)
  title?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { kind: 'bridge', year: 1994 },
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Metadata;
}

class WriteOptions extends TextFields {
  @ApiPropertyOptional({ format: 'uuid', description: 'Your personal collection by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiPropertyOptional({
    description: 'Longest wait for the vectors, in milliseconds; 0 answers at once.',
    default: 10_000,
    maximum: MAX_WAIT_MS,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WAIT_MS)
  wait_ms?: number;
}

export class AddDocumentDto extends WriteOptions {
  @ApiProperty({ example: 'bridge/1', maxLength: 512 })
  @IsText()
  @IsNotBlank()
  @MaxLength(512)
  doc_id!: string;
}

export class BulkDocumentDto extends TextFields {
  @ApiPropertyOptional({
    example: 'bridge/1',
    maxLength: 512,
    description: 'Your own id; `id` is accepted too. One of both.',
  })
  @ValidateIf((dto: BulkDocumentDto) => dto.id === undefined)
  @IsText()
  @IsNotBlank()
  @MaxLength(512)
  doc_id?: string;

  @ApiPropertyOptional({ deprecated: true, maxLength: 512, description: 'The original name of `doc_id`.' })
  @ValidateIf((dto: BulkDocumentDto) => dto.id !== undefined)
  @IsText()
  @IsNotBlank()
  @MaxLength(512)
  @Excludes('doc_id')
  id?: string;
}

export class AddDocumentsDto {
  @ApiProperty({ type: [BulkDocumentDto], minItems: 1, maxItems: 1000 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsNested(() => BulkDocumentDto, { each: true })
  documents!: BulkDocumentDto[];

  @ApiPropertyOptional({ format: 'uuid', description: 'Your personal collection by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiPropertyOptional({
    description: 'Longest wait for the vectors, in milliseconds.',
    default: 0,
    maximum: MAX_WAIT_MS,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_WAIT_MS)
  wait_ms?: number;
}

const INDEXED = ['lexical', 'full'] as const;

export class AddedDocumentDto {
  @ApiProperty({ enum: ['added'] })
  status!: 'added';

  @ApiProperty({ description: 'Your doc_id.', example: 'bridge/1' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({
    enum: INDEXED,
    enumName: 'TextIndexed',
    description: '`full` once its vectors are there too.',
  })
  indexed!: 'lexical' | 'full';
}

export class BulkResultDto {
  @ApiProperty({ example: 'bridge/1' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ enum: INDEXED, enumName: 'TextIndexed' })
  indexed!: 'lexical' | 'full';
}

export class AddedDocumentsDto {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';

  @ApiProperty()
  added!: number;

  @ApiProperty({ type: [BulkResultDto] })
  results!: BulkResultDto[];
}
