import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Patch, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { endWhenStalled } from '../common/http/stalled.js';
import { SessionOnly } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import type { Actor } from '../common/security/actor.types.js';
import { CurrentActor } from '../common/security/current-actor.js';
import { CurrentUser } from '../common/security/current-user.js';
import { whileItMayGoOn, type LiveRequest } from '../common/security/live-request.js';
import { RecentSignIn } from '../common/security/recent-sign-in.js';
import { AccountErasure } from './account-erasure.service.js';
import { AccountExport } from './account-export.service.js';
import { AccountProfile } from './account-profile.service.js';
import { ProfileDto, UpdateProfileDto } from './account.dto.js';

@ApiTags('Account')
@ApiProblems('unauthenticated', 'too_many_requests')
@SessionOnly()
@Controller('users/me')
export class AccountController {
  constructor(
    private readonly profile: AccountProfile,
    private readonly data: AccountExport,
    private readonly erasure: AccountErasure,
  ) {}

  @Patch()
  @ApiOperation({
    summary: 'Change your names',
    description: 'The address has its own way: POST /auth/email/change.',
  })
  @ApiOkResponse({ type: ProfileDto })
  @ApiProblems('validation_failed', 'username_taken')
  async change(
    @CurrentUser() { sessionId }: AuthUser,
    @CurrentActor() actor: Actor,
    @Body() { username, full_name: fullName }: UpdateProfileDto,
  ): Promise<ProfileDto> {
    return ProfileDto.of(await this.profile.change({ username, fullName }, { ...actor, sessionId }));
  }

  @Get('export')
  @RateLimited('expensive')
  @ApiOperation({
    summary: 'All data about you',
    description:
      'One JSON object with a list for each kind: profile, sessions, keys, collections, grants, documents with their text, and what you did.',
  })
  @ApiOkResponse({
    content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
  })
  export(
    @CurrentUser() user: AuthUser,
    @Req() request: LiveRequest,
    @Res({ passthrough: true }) response: Response,
  ): StreamableFile {
    const { json, leave } = this.data.open(user.id);
    response.once('close', leave);
    if (response.destroyed) leave();
    endWhenStalled(response);
    const content = Readable.from(whileItMayGoOn(request, json));
    return new StreamableFile(content, {
      type: 'application/json; charset=utf-8',
      disposition: 'attachment; filename="account.json"',
    }).setErrorHandler(() => response.destroy());
  }

  @Delete()
  @HttpCode(204)
  @RecentSignIn()
  @ApiOperation({
    summary: 'Delete your account with all its collections and documents',
    description:
      'At once and for good. What you did stays in the audit log under an id that leads to nobody.',
  })
  @ApiNoContentResponse()
  @ApiProblems('last_admin')
  async erase(@CurrentActor() actor: Actor): Promise<void> {
    await this.erasure.erase(actor.id, actor);
  }
}
