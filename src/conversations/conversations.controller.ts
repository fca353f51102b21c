import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { Idempotent } from '../common/http/idempotency.js';
import { PageQuery } from '../common/http/page.js';
import { IdParam } from '../common/http/uuid-param.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { KeyScope } from '../common/security/access.js';
import { CurrentUser } from '../common/security/current-user.js';
import {
  ConversationDto,
  ConversationExportDto,
  ConversationPage,
  ConversationTitleDto,
  RenameConversationDto,
  StoredAnswerDto,
  StoredAnswerPage,
} from './conversations.dto.js';
import { ConversationsService } from './conversations.service.js';
import { ownerOf } from './owner.js';

@ApiTags('Conversations')
@ApiProblems('unauthenticated', 'too_many_requests')
@KeyScope('rag:query')
@ApiProblems('key_not_allowed')
@Controller('conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Begin a conversation',
    description: 'Not necessary: `POST /rag/ask` with a `conversation_id` that nobody has begins one, too.',
  })
  @ApiCreatedResponse({ type: ConversationDto })
  @ApiProblems('validation_failed', 'conflict')
  async create(@CurrentUser() user: AuthUser, @Body() body: ConversationTitleDto): Promise<ConversationDto> {
    return ConversationDto.of(await this.conversations.create(ownerOf(user), body.title ?? null));
  }

  @Get()
  @ApiOperation({ summary: 'Your conversations, the ones used last first' })
  @ApiOkResponse({ type: ConversationPage })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<ConversationPage> {
    const page = await this.conversations.page(ownerOf(user), query);
    return { ...page, items: page.items.map((row) => ConversationDto.of(row)) };
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete all your conversations, with their answers' })
  @ApiNoContentResponse()
  deleteAll(@CurrentUser() user: AuthUser): Promise<void> {
    return this.conversations.deleteAll(ownerOf(user));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A conversation' })
  @ApiOkResponse({ type: ConversationDto })
  @ApiProblems('not_found')
  async show(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'conversation') id: string,
  ): Promise<ConversationDto> {
    return ConversationDto.of(await this.conversations.require(ownerOf(user), id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Give it another title' })
  @ApiOkResponse({ type: ConversationDto })
  @ApiProblems('validation_failed', 'not_found')
  async rename(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'conversation') id: string,
    @Body() { title }: RenameConversationDto,
  ): Promise<ConversationDto> {
    const owner = ownerOf(user);
    return ConversationDto.of(
      title === undefined
        ? await this.conversations.require(owner, id)
        : await this.conversations.rename(owner, id, title),
    );
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a conversation with its answers' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  delete(@CurrentUser() user: AuthUser, @IdParam('id', 'conversation') id: string): Promise<void> {
    return this.conversations.delete(ownerOf(user), id);
  }

  @Get(':id/turns')
  @ApiOperation({ summary: 'Its questions and answers, oldest first' })
  @ApiOkResponse({ type: StoredAnswerPage })
  @ApiProblems('validation_failed', 'invalid_cursor', 'not_found')
  async turns(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'conversation') id: string,
    @Query() query: PageQuery,
  ): Promise<StoredAnswerPage> {
    const page = await this.conversations.turnsOf(ownerOf(user), id, query);
    return { ...page, items: page.items.map((row) => StoredAnswerDto.of(row)) };
  }

  @Get(':id/export')
  @ApiOperation({ summary: 'Everything that is kept of it' })
  @ApiOkResponse({ type: ConversationExportDto })
  @ApiProblems('not_found')
  async export(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'conversation') id: string,
  ): Promise<ConversationExportDto> {
    return ConversationExportDto.of(await this.conversations.export(ownerOf(user), id));
  }
}
