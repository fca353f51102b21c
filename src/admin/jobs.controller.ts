import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AllCollections, KeyScope, Roles } from '../common/security/access.js';
import { JobAdmin } from './job-admin.service.js';
import { JobDto, JobPageDto, JobsQuery } from './jobs.dto.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin/jobs')
export class JobsController {
  constructor(private readonly jobs: JobAdmin) {}

  @Get()
  @KeyScope('admin:read')
  @AllCollections()
  @ApiOperation({
    summary: 'Background jobs, newest first',
    description: 'Those that ended stay for a day.',
  })
  @ApiOkResponse({ type: JobPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@Query() query: JobsQuery): Promise<JobPageDto> {
    const page = await this.jobs.page(query);
    return { ...page, items: page.items.map(JobDto.of) };
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Run a job again that failed or was cancelled' })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems('not_found', 'conflict')
  async retry(@IdParam('id', 'job') id: string): Promise<JobDto> {
    return JobDto.of(await this.jobs.retry(id));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Stop a job that waits or runs' })
  @ApiAcceptedResponse({ type: JobDto })
  @ApiProblems('not_found', 'conflict')
  async cancel(@IdParam('id', 'job') id: string): Promise<JobDto> {
    return JobDto.of(await this.jobs.cancel(id));
  }
}
