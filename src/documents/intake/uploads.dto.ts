import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, MaxLength } from 'class-validator';
import { IsId, IsMetadata, IsNotBlank, IsText, JsonText } from '../../common/http/validators.js';
import { DocumentDto } from '../documents.dto.js';
import type { AcceptedUpload, Metadata } from '../documents.types.js';

export const MAX_FILES = 100;

export class UploadDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'Where it goes; your personal collection by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiPropertyOptional({
    description:
      'Your own id; an existing document with it is replaced, and answers until the new file has all its vectors. Only with a single file.',
    maxLength: 512,
  })
  @IsOptional()
  @IsText()
  @IsNotBlank()
  @MaxLength(512)
  doc_id?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'JSON object, kept with each document.',
    example: '{"kind":"manual"}',
  })
  @IsOptional()
  @IsMetadata({ asText: true })
  metadata?: Metadata;

  @ApiPropertyOptional({
    default: false,
    description:
      'Stores the content again although the collection has it. Else the document with the same content is the answer, with `duplicate_of`; one that was uploaded with a doc_id of its own is the same only as itself.',
  })
  @IsOptional()
  @JsonText()
  @IsBoolean()
  allow_duplicate?: boolean;
}

/** The form as it is documented; the files themselves are read as a stream. */
export class UploadFormDto extends UploadDto {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'binary' },
    minItems: 1,
    maxItems: MAX_FILES,
    description: 'One or more files.',
  })
  file!: unknown[];
}

export class AcceptedDocumentDto extends DocumentDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description:
      'The document that has the same content already; it is the one shown, and nothing was stored unless its own file was lost.',
  })
  duplicate_of!: string | null;

  static accepted({ row, duplicateOf }: AcceptedUpload): AcceptedDocumentDto {
    return Object.assign(DocumentDto.of(row), { duplicate_of: duplicateOf });
  }
}

export class AcceptedDocumentsDto {
  @ApiProperty({ type: [AcceptedDocumentDto] })
  documents!: AcceptedDocumentDto[];
}
