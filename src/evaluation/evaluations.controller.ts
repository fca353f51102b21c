import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { Idempotent } from '../common/http/idempotency.js';
import { PageQuery } from '../common/http/page.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AdminMayPass, AllCollections, KeyScope, Roles } from '../common/security/access.js';
import type { Actor } from '../common/security/actor.types.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentActor } from '../common/security/current-actor.js';
import { CurrentUser } from '../common/security/current-user.js';
import {
  ComparisonDto,
  ComparisonQuery,
  RankedDocumentDto,
  ResultPageDto,
  ResultsQuery,
} from './evaluation-results.dto.js';
import { EvaluationResults } from './evaluation-results.service.js';
import { EvaluationStart } from './evaluation-start.service.js';
import { CreateEvaluationDto, EvaluationDto, EvaluationPageDto } from './evaluations.dto.js';
import { EvaluationsService } from './evaluations.service.js';

@ApiTags('Admin')
@ApiExtraModels(RankedDocumentDto)
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@AdminMayPass()
@Controller('admin/evaluations')
export class EvaluationsController {
  constructor(
    private readonly evaluations: EvaluationsService,
    private readonly starts: EvaluationStart,
    private readonly found: EvaluationResults,
  ) {}

  @Post()
  @HttpCode(202)
  @RateLimited('expensive')
  @Idempotent()
  @ApiOperation({
    summary: 'Measure retrieval on the documents that you may read',
    description:
      'Asks every question in the background, in the way of `POST /rag/rag_query` with `group_by: "document"`, and compares what is found with your judgements. Takes what `GET /admin/feedback/query-set` gives, or with `feedback` that itself.',
  })
  @ApiAcceptedResponse({ type: EvaluationDto })
  @ApiProblems('not_found', 'conflict', 'unprocessable')
  async create(
    @CurrentUser() admin: AuthUser,
    @CurrentActor() actor: Actor,
    @Body() { name, mode, collection_ids: collectionIds, answers, ...source }: CreateEvaluationDto,
  ): Promise<EvaluationDto> {
    return EvaluationDto.of(
      await this.starts.start(admin, actor, source, { name, mode, collectionIds, answers }),
    );
  }

  @Get()
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({
    summary: 'Your evaluations, newest first',
    description: 'With `X-Admin-Access` those of all.',
  })
  @ApiOkResponse({ type: EvaluationPageDto })
  @ApiProblems('invalid_cursor')
  async list(@CurrentUser() admin: AuthUser, @Query() query: PageQuery): Promise<EvaluationPageDto> {
    const page = await this.evaluations.page(admin, query);
    return { ...page, items: page.items.map(EvaluationDto.of) };
  }

  @Get(':id')
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({ summary: 'Progress and figures of an evaluation' })
  @ApiOkResponse({ type: EvaluationDto })
  @ApiProblems('not_found')
  async get(@CurrentUser() admin: AuthUser, @IdParam('id', 'evaluation') id: string): Promise<EvaluationDto> {
    return EvaluationDto.of(await this.evaluations.get(admin, id));
  }

  @Get(':id/results')
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({
    summary: 'What each question was given, and how good that was',
    description: 'Documents that you may not read now are null in their place.',
  })
  @ApiOkResponse({ type: ResultPageDto })
  @ApiProblems('not_found', 'invalid_cursor')
  async results(
    @CurrentUser() admin: AuthUser,
    @IdParam('id', 'evaluation') id: string,
    @Query() query: ResultsQuery,
  ): Promise<ResultPageDto> {
    return ResultPageDto.from(await this.found.page(admin, id, query));
  }

  @Get(':id/comparison')
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({
    summary: 'Whether an evaluation is better than another one, or only looks so',
    description:
      'Over the questions that both were asked with the same judgements, by a paired randomisation test: a difference with `p` above 0.05 may well be chance.',
  })
  @ApiOkResponse({ type: ComparisonDto })
  @ApiProblems('not_found', 'conflict', 'unprocessable')
  async compare(
    @CurrentUser() admin: AuthUser,
    @IdParam('id', 'evaluation') id: string,
    @Query() { baseline }: ComparisonQuery,
  ): Promise<ComparisonDto> {
    return ComparisonDto.of(await this.found.compare(admin, id, baseline));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Stop an evaluation that waits or runs' })
  @ApiAcceptedResponse({ type: EvaluationDto })
  @ApiProblems('not_found', 'conflict')
  async cancel(
    @CurrentUser() admin: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'evaluation') id: string,
  ): Promise<EvaluationDto> {
    return EvaluationDto.of(await this.evaluations.cancel(admin, actor, id));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Go on with an evaluation that failed or was cancelled, where it stopped' })
  @ApiAcceptedResponse({ type: EvaluationDto })
  @ApiProblems('not_found', 'conflict')
  async retry(
    @CurrentUser() admin: AuthUser,
    @IdParam('id', 'evaluation') id: string,
  ): Promise<EvaluationDto> {
    return EvaluationDto.of(await this.evaluations.retry(admin, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an evaluation with its results; one that runs is stopped' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async remove(
    @CurrentUser() admin: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'evaluation') id: string,
  ): Promise<void> {
    await this.evaluations.remove(admin, actor, id);
  }
}
