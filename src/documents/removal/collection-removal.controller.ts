import { Controller, Delete, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { DocumentsService } from '../documents.service.js';
import { RemovedCollectionDto } from './removals.dto.js';

/** Stands here and not beside the collections because its documents go with it. */
@ApiTags('Collections')
@ApiProblems('unauthenticated', 'too_many_requests')
@AdminMayPass()
@Controller('collections')
export class CollectionRemovalController {
  constructor(private readonly documents: DocumentsService) {}

  @Delete(':id')
  @KeyScope('collections:write')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete a collection with all its documents',
    description: 'Hidden from everybody at once; what is in it is removed in the background.',
  })
  @ApiAcceptedResponse({ type: RemovedCollectionDto })
  @ApiProblems('not_found', 'forbidden', 'conflict')
  async remove(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
  ): Promise<RemovedCollectionDto> {
    const removal_id = await this.documents.removeCollection(user, id);
    return { id, status: 'deleting', removal_id };
  }
}
