import { Body, Controller, Delete, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../../common/http/api-problems.js';
import { Idempotent } from '../../common/http/idempotency.js';
import { PageQuery } from '../../common/http/page.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { SessionOnly } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { RecentSignIn } from '../../common/security/recent-sign-in.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { AuthCookies, AUTH_PATH } from '../http/auth-cookies.js';
import { ApiKeyDto, ApiKeyPageDto, CreateApiKeyDto, CreatedApiKeyDto } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('API keys')
@ApiProblems('unauthenticated', 'too_many_requests')
@SessionOnly()
@Controller(`${AUTH_PATH}/api-keys`)
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly cookies: AuthCookies,
  ) {}

  @Post()
  @Idempotent()
  @RecentSignIn()
  @ApiOperation({ summary: 'Make a key for a program', description: 'The key is shown only in this answer.' })
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  @ApiProblems('validation_failed', 'key_not_allowed', 'forbidden', 'not_found', 'conflict')
  async create(
    @CurrentUser() user: AuthUser,
    @Body() body: CreateApiKeyDto,
    @Req() request: Request,
  ): Promise<CreatedApiKeyDto> {
    const client = this.cookies.client(request);
    return CreatedApiKeyDto.with(await this.keys.create(user, CreateApiKeyDto.wanted(body), client));
  }

  @Get()
  @ApiOperation({ summary: 'List your keys, newest first' })
  @ApiOkResponse({ type: ApiKeyPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<ApiKeyPageDto> {
    const page = await this.keys.page(user, query);
    return { ...page, items: page.items.map((row) => ApiKeyDto.of(row)) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a key', description: 'It stops working at once.' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async revoke(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'API key') id: string,
    @Req() request: Request,
  ): Promise<void> {
    await this.keys.revoke(user, id, this.cookies.client(request));
  }
}
