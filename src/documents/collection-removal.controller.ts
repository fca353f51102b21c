import { Controller, Delete, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { RemovedDocumentDto } from './documents.dto.js';
import { DocumentsService } from './documents.service.js';

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
  @ApiOperation({ summary: 'Delete a collection with all its documents' })
  @ApiAcceptedResponse({ type: RemovedDocumentDto })
  @ApiProblems('not_found', 'forbidden', 'conflict')
  async remove(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
  ): Promise<RemovedDocumentDto> {
    await this.documents.removeCollection(user, id);
    return { id, status: 'deleting' };
  }
}
