import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { sendEvents, untilClosed, wantsEvents, type ServerEvent } from '../common/http/sse.js';
import { AdminMayPass, KeyScope } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { AskDto, LangchainQueryDto, RagQueryDto } from './rag.dto.js';
import {
  AnswerDto,
  CitationDto,
  LangchainAnswerDto,
  RagQueryResponseDto,
  SecureInfoDto,
} from './rag-response.dto.js';
import { RagService, type AnswerInProgress } from './rag.service.js';
import type { RetrievalRequest } from './retrieval.types.js';

@ApiTags('RAG')
@ApiExtraModels(AnswerDto)
@ApiProblems('unauthenticated', 'validation_failed', 'not_found', 'too_many_requests')
@AdminMayPass()
@Controller('rag')
export class RagController {
  constructor(private readonly rag: RagService) {}

  @Get('secure-info')
  @KeyScope('rag:query')
  @ApiOperation({ summary: 'Check that you are signed in' })
  @ApiOkResponse({ type: SecureInfoDto })
  secureInfo(@CurrentUser() user: AuthUser): SecureInfoDto {
    return { message: 'Access granted!', user: user.username ?? user.email };
  }

  @Post('rag_query')
  @KeyScope('rag:query')
  @HttpCode(200)
  @RateLimited('expensive')
  @ApiOperation({ summary: 'Find passages', description: 'Best first, only from what you may read.' })
  @ApiOkResponse({ type: RagQueryResponseDto })
  @ApiProblems('encoder_unavailable', 'vector_store_unavailable', 'service_unavailable')
  async query(
    @CurrentUser() user: AuthUser,
    @Body() body: RagQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RagQueryResponseDto> {
    const retrieval = await this.rag.retrieve({
      ...scopeOf(user, body, response),
      query: body.query,
      limit: body.n_results ?? 3,
      mode: body.mode,
      groupBy: body.group_by,
    });
    return RagQueryResponseDto.of(retrieval);
  }

  @Post('langchain_query')
  @KeyScope('rag:query')
  @HttpCode(200)
  @RateLimited('expensive')
  @ApiOperation({ summary: 'Ask, in the shape of the original API' })
  @ApiOkResponse({ type: LangchainAnswerDto })
  @ApiProblems('encoder_unavailable', 'vector_store_unavailable', 'service_unavailable')
  @ApiProblems('llm_budget_exhausted', 'llm_failed', 'llm_unavailable')
  async langchainQuery(
    @CurrentUser() user: AuthUser,
    @Body() body: LangchainQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LangchainAnswerDto> {
    const request = { ...scopeOf(user, body, response), query: body.question, limit: body.n_docs ?? 3 };
    return LangchainAnswerDto.of(await this.rag.chain(request));
  }

  @Post('ask')
  @KeyScope('rag:query')
  @HttpCode(200)
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'Ask, and get an answer with citations that check out',
    description:
      'As events, each with JSON in `data`: `sources` (RagQueryResponseDto, and `id`, `conversation_id`, ' +
      '`standalone_question`), then `token` (`{text}`) and `citation` (CitationDto) as they come, then `done` (the same ' +
      'three, and `supported`, `model`, `usage`, `degraded`), or `error` (ProblemDto).',
  })
  @ApiOkResponse({
    description: 'The answer, or its events where the request asks for them.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(AnswerDto) } },
      'text/event-stream': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('encoder_unavailable', 'vector_store_unavailable', 'service_unavailable')
  @ApiProblems('key_not_allowed', 'conflict', 'llm_budget_exhausted', 'llm_failed', 'llm_unavailable')
  async ask(
    @CurrentUser() user: AuthUser,
    @Body() body: AskDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AnswerDto | undefined> {
    const wanted = {
      ...scopeOf(user, body, response),
      query: body.question,
      limit: body.n_results ?? 8,
      conversationId: body.conversation_id,
    };
    if (wantsEvents(request, body.stream)) {
      // Retrieval comes before the stream opens: what can be refused is an ordinary problem response.
      await sendEvents(eventsOf(await this.rag.begin(wanted)), request, response);
      return undefined;
    }
    return AnswerDto.of(await this.rag.ask(wanted));
  }
}

async function* eventsOf(begun: AnswerInProgress): AsyncGenerator<ServerEvent> {
  const { id, conversationId, question, retrieval, events } = begun;
  const about = { id, conversation_id: conversationId, standalone_question: question };
  yield { event: 'sources', data: Object.assign(RagQueryResponseDto.of(retrieval), about) };
  for await (const event of events) {
    if (event.type === 'token') yield { event: 'token', data: { text: event.text } };
    else if (event.type === 'citation') yield { event: 'citation', data: CitationDto.of(event.citation) };
    else {
      const { supported, model, usage, degraded } = event;
      const all = [...retrieval.degraded, ...degraded];
      yield { event: 'done', data: { ...about, supported, model, usage, degraded: all } };
    }
  }
}

function scopeOf(
  caller: AuthUser,
  body: Pick<RagQueryDto, 'filter' | 'collection_ids' | 'document_ids'>,
  response: Response,
): Omit<RetrievalRequest, 'query' | 'limit'> {
  return {
    caller,
    filter: body.filter,
    collectionIds: body.collection_ids,
    documentIds: body.document_ids,
    signal: untilClosed(response),
  };
}
