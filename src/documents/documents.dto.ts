import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, MaxLength } from 'class-validator';
import {
  DOCUMENT_ERRORS,
  DOCUMENT_WARNINGS,
  type DocumentErrorCode,
  type DocumentWarningCode,
} from '../common/errors/error-table.js';
import { IsQueryFilter } from '../common/filter/is-filter.js';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { COUNTED_TO, PageInfo, PageQuery } from '../common/http/page.js';
import { IsId, IsNotBlank, IsQueryBoolean, IsText } from '../common/http/validators.js';
import {
  DOCUMENT_ORDERS,
  DOCUMENT_SORTS,
  DOCUMENT_STATUSES,
  type DocumentOrder,
  type DocumentRow,
  type DocumentSort,
  type DocumentStatus,
  type Indexed,
  type Metadata,
} from './documents.types.js';

const INDEXED = ['none', 'lexical', 'full'] as const;

export class ListDocumentsQuery extends PageQuery {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiPropertyOptional({ maxLength: 512 })
  @IsOptional()
  @IsText()
  @MaxLength(512)
  doc_id?: string;

  @ApiPropertyOptional({ enum: DOCUMENT_STATUSES, enumName: 'DocumentStatus' })
  @IsOptional()
  @IsIn(DOCUMENT_STATUSES)
  status?: DocumentStatus;

  @ApiPropertyOptional({
    type: String,
    description: 'A filter on metadata as JSON, the same as in queries.',
    example: '{"kind":"manual"}',
  })
  @IsQueryFilter()
  filter?: MetadataFilter;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only the files that were in this document.' })
  @IsOptional()
  @IsId()
  parent_id?: string;

  @ApiPropertyOptional({
    maxLength: 200,
    example: 'annual report',
    description:
      'Only documents with all of these words somewhere in title or file name (in the doc_id of one that has neither): any part of a word, whatever its case and accents. Blank asks for nothing.',
  })
  @IsOptional()
  @IsText()
  @MaxLength(200)
  q?: string;

  @ApiPropertyOptional({
    enum: DOCUMENT_SORTS,
    enumName: 'DocumentSort',
    default: 'created_at',
    description:
      'The field that the list is ordered by: `title` without case and accents, by its first 200 letters; documents of the same value by id.',
  })
  @IsOptional()
  @IsIn(DOCUMENT_SORTS)
  sort?: DocumentSort;

  @ApiPropertyOptional({
    enum: DOCUMENT_ORDERS,
    enumName: 'SortOrder',
    default: 'asc',
    description: '`desc` has the latest, the last or the largest first.',
  })
  @IsOptional()
  @IsIn(DOCUMENT_ORDERS)
  order?: DocumentOrder;

  @ApiPropertyOptional({
    default: false,
    description: 'Whether to count in `total` all that match. Ask with the first page only: it costs time.',
  })
  @IsQueryBoolean()
  count?: boolean;
}

export class RemoveByDocIdQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'Your personal collection by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiProperty({ maxLength: 512 })
  @IsText()
  @IsNotBlank()
  @MaxLength(512)
  doc_id!: string;
}

export class DocumentErrorDto {
  @ApiProperty({ enum: Object.keys(DOCUMENT_ERRORS), enumName: 'DocumentErrorCode' })
  code!: DocumentErrorCode;

  @ApiProperty({ description: 'What to do about it.' })
  detail!: string;
}

export class DocumentWarningDto {
  @ApiProperty({ enum: Object.keys(DOCUMENT_WARNINGS), enumName: 'DocumentWarningCode' })
  code!: DocumentWarningCode;

  @ApiProperty({
    description: 'What it means, and what the encoder said.',
    example: `${DOCUMENT_WARNINGS.document_not_embedded} (The encoder gave a vector that is none.)`,
  })
  detail!: string;

  static of({ refusal, status }: DocumentRow): DocumentWarningDto | null {
    if (refusal === null || status === 'failed') return null;
    return {
      code: 'document_not_embedded',
      detail: `${DOCUMENT_WARNINGS.document_not_embedded} (${refusal})`,
    };
  }
}

const PROGRESS_UNITS = ['pages', 'passages'] as const;

/** Counted, never estimated. */
export class ProgressDto {
  @ApiProperty({ description: 'Pages that were read; later passages with a vector.' })
  done!: number;

  @ApiProperty({ description: 'Of so many. 0 while it is not known.' })
  total!: number;

  @ApiProperty({
    enum: PROGRESS_UNITS,
    enumName: 'ProgressUnit',
    description: '`pages` while a file that has pages is read (`extracting`), `passages` from then on.',
  })
  unit!: (typeof PROGRESS_UNITS)[number];

  static of(row: DocumentRow): ProgressDto {
    if (row.status === 'extracting' && row.page_count !== null)
      return { done: row.pages_read, total: row.page_count, unit: 'pages' };
    return { done: row.embedded_count, total: row.chunk_count, unit: 'passages' };
  }
}

export class DocumentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'handbook' })
  doc_id!: string;

  @ApiProperty({ format: 'uuid' })
  collection_id!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The mail or archive that this file was in; it goes when that goes.',
  })
  parent_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  title!: string | null;

  @ApiProperty({ type: String, nullable: true })
  file_name!: string | null;

  @ApiProperty({ example: 'application/pdf' })
  mime!: string;

  @ApiProperty()
  bytes!: number;

  @ApiProperty({ pattern: '^[0-9a-f]{64}$' })
  sha256!: string;

  @ApiProperty({ enum: DOCUMENT_STATUSES, enumName: 'DocumentStatus' })
  status!: DocumentStatus;

  @ApiProperty({
    enum: INDEXED,
    enumName: 'Indexed',
    description: 'How it can be found: not yet, by words, or by words and meaning.',
  })
  indexed!: Indexed;

  @ApiProperty({ type: DocumentErrorDto, nullable: true })
  error!: DocumentErrorDto | null;

  @ApiProperty({
    type: DocumentWarningDto,
    nullable: true,
    description: 'What is wrong with it although it is there: why it is found by words only.',
  })
  warning!: DocumentWarningDto | null;

  @ApiProperty({ description: 'Passages of the latest version.' })
  chunks!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Pages, for formats that have them.' })
  pages!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'en',
    description: 'ISO 639-1, detected in the text or else declared by the file; null where it is unsure.',
  })
  language!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { kind: 'manual' } })
  metadata!: Metadata;

  @ApiProperty({ type: ProgressDto })
  progress!: ProgressDto;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(row: DocumentRow): DocumentDto {
    const failed = row.status === 'failed';
    return {
      id: row.id,
      doc_id: row.external_id,
      collection_id: row.collection_id,
      parent_id: row.parent_id,
      title: row.title ?? row.file_name,
      file_name: row.file_name,
      mime: row.mime,
      bytes: Number(row.byte_size),
      sha256: row.sha256.toString('hex'),
      status: row.status,
      indexed: row.indexed,
      error: failed ? { code: row.error_code ?? 'document_failed', detail: row.error_detail ?? '' } : null,
      warning: DocumentWarningDto.of(row),
      chunks: row.chunk_count,
      pages: row.page_count,
      language: row.language,
      metadata: row.metadata,
      progress: ProgressDto.of(row),
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
    };
  }
}

export class DocumentPageDto extends PageInfo {
  @ApiProperty({ type: [DocumentDto] })
  items!: DocumentDto[];

  @ApiProperty({
    type: 'integer',
    nullable: true,
    maximum: COUNTED_TO,
    description: `How many match on all pages, where \`count\` asked for it, else null. Counted to ${COUNTED_TO}, which stands for as many or more.`,
  })
  total!: number | null;
}

export class RemovedDocumentDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['deleting'] })
  status!: 'deleting';
}
