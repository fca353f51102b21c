import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../common/http/page.js';
import type { ChunkRow } from './documents.types.js';

export class ChunkDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  ordinal!: number;

  @ApiProperty()
  text!: string;

  @ApiProperty({ description: 'UTF-16 offset into the text of the document.' })
  char_start!: number;

  @ApiProperty({ description: 'Exclusive.' })
  char_end!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Page, slide or sheet that the passage begins on, from 1.',
  })
  page!: number | null;

  @ApiProperty({ type: [String] })
  heading_path!: string[];

  @ApiProperty({ description: 'Tokens of the encoder, with title and headings in front.' })
  token_count!: number;

  static of(row: ChunkRow): ChunkDto {
    return { ...row };
  }
}

export class ChunkPageDto extends PageInfo {
  @ApiProperty({ type: [ChunkDto] })
  items!: ChunkDto[];
}
