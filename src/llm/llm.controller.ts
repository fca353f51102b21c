import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { RateLimited } from '../common/http/rate-limit.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { sendEvents, untilClosed, wantsEvents, type ServerEvent } from '../common/http/sse.js';
import { KeyScope } from '../common/security/access.js';
import { LlmBudget } from './llm-budget.service.js';
import { GenerateDto, GeneratedDto, LlmUsageStateDto } from './llm.dto.js';
import { LlmService } from './llm.service.js';
import type { LlmChunk, LlmUsage } from './llm.types.js';

@ApiTags('Language model')
@ApiExtraModels(GeneratedDto)
@Controller('llm')
export class LlmController {
  constructor(
    private readonly llm: LlmService,
    private readonly budget: LlmBudget,
  ) {}

  @Get('usage')
  @KeyScope('llm:generate')
  @ApiOperation({ summary: 'Your tokens of the language model today' })
  @ApiOkResponse({ type: LlmUsageStateDto })
  @ApiProblems('unauthenticated', 'too_many_requests')
  async usage(@CurrentUser() user: AuthUser): Promise<LlmUsageStateDto> {
    return LlmUsageStateDto.of(await this.budget.state(user.id));
  }

  @Post('generate')
  @KeyScope('llm:generate')
  @HttpCode(200)
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'Ask the language model',
    description:
      'As events: `token` {text}, then `done` {model, usage, cut}, or `error` with a problem. What goes wrong before the answer begins is an ordinary problem response.',
  })
  @ApiOkResponse({
    description: 'The answer, or its events where the request asks for them.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(GeneratedDto) } },
      'text/event-stream': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('validation_failed', 'unauthenticated', 'too_many_requests')
  @ApiProblems('llm_budget_exhausted', 'llm_failed', 'llm_not_configured', 'llm_unavailable')
  async generate(
    @CurrentUser() user: AuthUser | undefined,
    @Body() body: GenerateDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<GeneratedDto | undefined> {
    const options = { signal: untilClosed(response), userId: user?.id };
    if (!wantsEvents(request, body.stream))
      return GeneratedDto.of(await this.llm.generate(body.prompt, options));
    await sendEvents(eventsOf(this.llm.stream(body.prompt, options), this.llm.modelId), request, response);
    return undefined;
  }
}

async function* eventsOf(chunks: AsyncIterable<LlmChunk>, model: string | null): AsyncGenerator<ServerEvent> {
  let usage: LlmUsage | undefined;
  let cut = false;
  for await (const chunk of chunks) {
    if (chunk.text !== '') yield { event: 'token', data: { text: chunk.text } };
    usage = chunk.usage ?? usage;
    cut ||= chunk.cut ?? false;
  }
  yield { event: 'done', data: { model, usage: usage ?? null, cut } };
}
