import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { wantsEvents } from '../common/http/sse.js';
import { GenerateDto, GeneratedDto } from './llm.dto.js';
import { LlmService } from './llm.service.js';
import { sendEvents, untilClosed } from './llm-response.js';

@ApiTags('Language model')
@ApiExtraModels(GeneratedDto)
@Controller('llm')
export class LlmController {
  constructor(private readonly llm: LlmService) {}

  @Post('generate')
  @HttpCode(200)
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'Ask the language model',
    description: 'As events: `token` {text}, then `done` {model, usage}, or `error` with a problem.',
  })
  @ApiOkResponse({
    description: 'The answer, or its events where the request asks for them.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(GeneratedDto) } },
      'text/event-stream': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('validation_failed', 'unauthenticated', 'too_many_requests')
  @ApiProblems('llm_failed', 'llm_not_configured', 'llm_unavailable')
  async generate(
    @Body() body: GenerateDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<GeneratedDto | undefined> {
    if (wantsEvents(request, body.stream)) return sendEvents(this.llm, body.prompt, request, response);
    return GeneratedDto.of(await this.llm.generate(body.prompt, { signal: untilClosed(response) }));
  }
}
