import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';

export class FollowDocumentsQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'All that you may read by default.' })
  @IsOptional()
  @IsUUID()
  collection_id?: string;
}
