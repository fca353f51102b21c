import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AllCollections, KeyScope, Roles } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { IndexAdmin } from './index-admin.service.js';
import { IndexRebuildDto, IndexStateDto, RebuildDto, ReconcileDto, ReconciliationDto } from './index.dto.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin/index')
export class IndexController {
  constructor(private readonly index: IndexAdmin) {}

  @Get()
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({
    summary:
      'State of the indexes, of rebuilds, of the encoder and a change of it, and the last comparison with the database',
  })
  @ApiOkResponse({ type: IndexStateDto })
  async state(): Promise<IndexStateDto> {
    return IndexStateDto.of(await this.index.state());
  }

  @Post('rebuild')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Make the word index or the vectors again from the database',
    description:
      'Queries are answered, and documents taken in, throughout. `GET /admin/index` shows how far it is (`rebuilds`); a crash of any process only delays it. While one of this kind is under way, that one is answered.',
  })
  @ApiAcceptedResponse({ type: IndexRebuildDto })
  @ApiProblems('validation_failed', 'encoder_unavailable')
  async rebuild(@CurrentUser() user: AuthUser, @Body() body: RebuildDto): Promise<IndexRebuildDto> {
    return IndexRebuildDto.of(await this.index.rebuild(user.id, body.what));
  }

  @Post('reconcile')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Compare the database with the vector index and the file store',
    description:
      'A dry run unless told otherwise. Answers with the report, or with `running` when it takes longer than 20 seconds; then ask `GET /admin/index/reconcile/{id}`.',
  })
  @ApiAcceptedResponse({ type: ReconciliationDto })
  @ApiProblems('validation_failed')
  async reconcile(@CurrentUser() user: AuthUser, @Body() body: ReconcileDto): Promise<ReconciliationDto> {
    return ReconciliationDto.of(await this.index.reconcile(user.id, body.dry_run ?? true));
  }

  @Get('reconcile/:id')
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({ summary: 'One comparison' })
  @ApiOkResponse({ type: ReconciliationDto })
  @ApiProblems('not_found')
  async reconciliation(@IdParam('id', 'comparison') id: string): Promise<ReconciliationDto> {
    return ReconciliationDto.of(await this.index.reconciliation(id));
  }
}
