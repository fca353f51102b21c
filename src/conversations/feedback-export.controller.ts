import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { AllCollections, KeyScope, Roles } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { FeedbackExportQuery, QuerySetDto } from './feedback.dto.js';
import { FeedbackService } from './feedback.service.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@KeyScope('admin:read')
@AllCollections()
@Controller('admin/feedback')
export class FeedbackExportController {
  constructor(private readonly feedback: FeedbackService) {}

  @Get('query-set')
  @ApiOperation({
    summary: 'Questions and judgements that users gave, to evaluate retrieval with',
    description: 'Holds questions in the words of users, without their names. Reading it is recorded.',
  })
  @ApiOkResponse({ type: QuerySetDto })
  @ApiProblems('validation_failed')
  querySet(@CurrentUser() admin: AuthUser, @Query() { since }: FeedbackExportQuery): Promise<QuerySetDto> {
    return this.feedback.querySet(admin, since === undefined ? undefined : new Date(since));
  }
}
