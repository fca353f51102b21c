import { Body, Controller, Delete, Get, HttpCode, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.js';
import { PageQuery } from '../../common/http/page.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentActor } from '../../common/security/current-actor.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { GrantDto, GrantPageDto, parseSubject, PutGrantDto } from './grants.dto.js';
import { GrantsService } from './grants.service.js';

@ApiTags('Collections')
@ApiProblems('unauthenticated', 'not_found', 'forbidden', 'too_many_requests')
@KeyScope('collections:share')
@AdminMayPass()
@Controller('collections/:id/grants')
export class GrantsController {
  constructor(private readonly grants: GrantsService) {}

  @Get()
  @ApiOperation({ summary: 'List who else may use a collection' })
  @ApiOkResponse({ type: GrantPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
    @Query() query: PageQuery,
  ): Promise<GrantPageDto> {
    const page = await this.grants.page(user, id, query);
    return { ...page, items: page.items.map((row) => GrantDto.of(row)) };
  }

  @Put()
  @ApiOperation({
    summary: 'Let somebody read, write or manage a collection',
    description:
      'An address without an account is invited; where `SHARES_NEED_PROOF` is on, the grant counts once the account has confirmed its address. The answer does not tell which of these it was.',
  })
  @ApiOkResponse({ type: GrantDto })
  @ApiProblems('validation_failed')
  async put(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'collection') id: string,
    @Body() body: PutGrantDto,
  ): Promise<GrantDto> {
    return GrantDto.of(await this.grants.put(user, id, parseSubject(body.subject), body.access, actor));
  }

  @Delete(':grantId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a grant back' })
  @ApiNoContentResponse()
  async remove(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'collection') id: string,
    @IdParam('grantId', 'grant') grantId: string,
  ): Promise<void> {
    await this.grants.remove(user, id, grantId, actor);
  }
}
