import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { COUNTED_TO, PageInfo } from '../common/http/page.js';
import { IsChange, IsNotBlank, IsText } from '../common/http/validators.js';
import { ACCESS_LEVELS, type Access, type CountedCollection } from './collections.types.js';

export class CreateCollectionDto {
  @ApiProperty({ example: 'Product manuals', maxLength: 255 })
  @IsText()
  @IsNotBlank()
  @MaxLength(255)
  name!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'What support answers from',
    maxLength: 2000,
  })
  @IsOptional()
  @IsText()
  @MaxLength(2000)
  description?: string | null;
}

export class UpdateCollectionDto {
  @ApiPropertyOptional({ example: 'Manuals', maxLength: 255 })
  @IsChange()
  @IsText()
  @IsNotBlank()
  @MaxLength(255)
  name?: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 2000 })
  @IsOptional()
  @IsText()
  @MaxLength(2000)
  description?: string | null;
}

export class CollectionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'Product manuals' })
  name!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ format: 'uuid' })
  owner_id!: string;

  @ApiProperty({
    description: 'Every user has one personal collection, where writes without a collection go.',
  })
  is_personal!: boolean;

  @ApiProperty({ enum: ACCESS_LEVELS, enumName: 'Access', description: 'What you may do with it.' })
  access!: Access;

  @ApiProperty({
    type: 'integer',
    maximum: COUNTED_TO,
    description: `Documents in it, whatever their status. Counted to ${COUNTED_TO}, which stands for as many or more.`,
  })
  documents!: number;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(row: CountedCollection): CollectionDto {
    return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
  }
}

export class CollectionPageDto extends PageInfo {
  @ApiProperty({ type: [CollectionDto] })
  items!: CollectionDto[];
}
