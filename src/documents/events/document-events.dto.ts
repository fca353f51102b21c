import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId } from '../../common/http/validators.js';

export class FollowDocumentsQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'All that you may read by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;
}
