import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { DocumentRemovalService } from './document-removal.service.js';
import { RemovalDto } from './removals.dto.js';

@ApiTags('Collections')
@ApiProblems('unauthenticated', 'too_many_requests')
@AdminMayPass()
@Controller('removals')
export class RemovalsController {
  constructor(private readonly removals: DocumentRemovalService) {}

  @Get(':id')
  @KeyScope('collections:read')
  @ApiOperation({
    summary: 'How far the removal of a collection is',
    description: 'For whoever asked for it.',
  })
  @ApiOkResponse({ type: RemovalDto })
  @ApiProblems('not_found')
  async get(@CurrentUser() user: AuthUser, @IdParam('id', 'removal') id: string): Promise<RemovalDto> {
    return RemovalDto.of(await this.removals.removal(id, user));
  }
}
