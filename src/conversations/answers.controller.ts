import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { PageQuery } from '../common/http/page.js';
import { IdParam } from '../common/http/uuid-param.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { KeyScope } from '../common/security/access.js';
import { CurrentUser } from '../common/security/current-user.js';
import { AnswersService } from './answers.service.js';
import { FeedbackDto, StoredAnswerDto, StoredAnswerPage } from './conversations.dto.js';
import { GiveFeedbackDto } from './feedback.dto.js';
import { FeedbackService } from './feedback.service.js';
import { ownerOf } from './owner.js';

@ApiTags('RAG')
@ApiProblems('unauthenticated', 'too_many_requests')
@KeyScope('rag:query')
@ApiProblems('key_not_allowed')
@Controller('rag/answers')
export class AnswersController {
  constructor(
    private readonly answers: AnswersService,
    private readonly feedback: FeedbackService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Answers that you were given, newest first, as long as they are kept' })
  @ApiOkResponse({ type: StoredAnswerPage })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<StoredAnswerPage> {
    const page = await this.answers.page(ownerOf(user), query);
    return { ...page, items: page.items.map((row) => StoredAnswerDto.of(row)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'An answer that you were given' })
  @ApiOkResponse({ type: StoredAnswerDto })
  @ApiProblems('not_found')
  async show(@CurrentUser() user: AuthUser, @IdParam('id', 'answer') id: string): Promise<StoredAnswerDto> {
    return StoredAnswerDto.of(await this.answers.require(ownerOf(user), id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an answer with what you said about it' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  delete(@CurrentUser() user: AuthUser, @IdParam('id', 'answer') id: string): Promise<void> {
    return this.answers.delete(ownerOf(user), id);
  }

  @Post(':id/feedback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say whether an answer helped; replaces what you said before' })
  @ApiOkResponse({ type: FeedbackDto })
  @ApiProblems('validation_failed', 'not_found')
  async judge(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'answer') id: string,
    @Body() { helpful, chunk_id: chunkId, comment }: GiveFeedbackDto,
  ): Promise<FeedbackDto> {
    return FeedbackDto.of(await this.feedback.judge(user, id, { helpful, chunkId, comment }));
  }
}
