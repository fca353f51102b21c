import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { AccountErasure } from '../../account/account-erasure.service.js';
import { ApiProblems } from '../../common/http/api-problems.js';
import { PageQuery } from '../../common/http/page.js';
import { Idempotent } from '../../common/http/idempotency.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { AdminMayPass, Roles } from '../../common/security/access.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentActor } from '../../common/security/current-actor.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { RecentSignIn } from '../../common/security/recent-sign-in.js';
import { UserDirectory } from '../../users/user-directory.service.js';
import { ManagedUsers } from './managed-users.service.js';
import { UserAccess } from './user-access.service.js';
import { RoleParam } from './role-param.js';
import {
  InvitationSentDto,
  InviteUserDto,
  ManagedUserDto,
  ManagedUserPageDto,
  UserSessionDto,
  UserSessionPageDto,
  UsersQuery,
} from './users.dto.js';

@ApiTags('Administration')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin/users')
export class UsersController {
  constructor(
    private readonly directory: UserDirectory,
    private readonly users: ManagedUsers,
    private readonly access: UserAccess,
    private readonly erasure: AccountErasure,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List and search accounts, oldest first' })
  @ApiOkResponse({ type: ManagedUserPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@Query() query: UsersQuery): Promise<ManagedUserPageDto> {
    const page = await this.directory.page(UsersQuery.filter(query), query);
    return { ...page, items: page.items.map((user) => ManagedUserDto.of(user)) };
  }

  @Post()
  @Idempotent()
  @AdminMayPass()
  @RecentSignIn()
  @ApiOperation({
    summary: 'Make an account',
    description: 'Its owner gets a mail, and chooses the password: nobody else knows it.',
  })
  @ApiCreatedResponse({ type: ManagedUserDto })
  @ApiProblems('validation_failed', 'not_found', 'email_taken', 'username_taken', 'conflict')
  async invite(
    @CurrentUser() admin: AuthUser,
    @CurrentActor() actor: Actor,
    @Body() body: InviteUserDto,
  ): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.users.invite(admin, InviteUserDto.user(body), actor));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show an account' })
  @ApiOkResponse({ type: ManagedUserDto })
  @ApiProblems('not_found')
  async get(@IdParam('id', 'user') id: string): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.directory.get(id));
  }

  @Post(':id/invitation')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send the invitation again' })
  @ApiAcceptedResponse({ type: InvitationSentDto })
  @ApiProblems('not_found', 'conflict')
  async inviteAgain(@IdParam('id', 'user') id: string): Promise<InvitationSentDto> {
    await this.users.inviteAgain(id);
    return { status: 'invited' };
  }

  @Post(':id/disable')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Shut an account out',
    description: 'Its sessions end, and its API keys are revoked.',
  })
  @ApiOkResponse({ type: ManagedUserDto })
  @ApiProblems('not_found', 'last_admin')
  async disable(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.users.setActive(id, false, actor));
  }

  @Post(':id/enable')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Let an account in again',
    description: 'Its user signs in and makes new API keys: what disabling ended does not come back.',
  })
  @ApiOkResponse({ type: ManagedUserDto })
  @ApiProblems('not_found')
  async enable(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.users.setActive(id, true, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @RecentSignIn()
  @ApiOperation({
    summary: 'Delete an account with all its collections and documents',
    description: 'As if its owner had done it: at once and for good.',
  })
  @ApiNoContentResponse()
  @ApiProblems('not_found', 'last_admin')
  async erase(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<void> {
    await this.directory.get(id);
    await this.erasure.erase(id, actor);
  }

  @Put(':id/roles/:role')
  @AdminMayPass()
  @RecentSignIn()
  @ApiOperation({
    summary: 'Give a role',
    description: 'One that opens collections which you may not use needs a reason in X-Admin-Access.',
  })
  @ApiOkResponse({ type: ManagedUserDto })
  @ApiProblems('not_found')
  async addRole(
    @CurrentUser() admin: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'user') id: string,
    @RoleParam() role: string,
  ): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.users.addRole(admin, id, role, actor));
  }

  @Delete(':id/roles/:role')
  @ApiOperation({ summary: 'Take a role' })
  @ApiOkResponse({ type: ManagedUserDto })
  @ApiProblems('not_found', 'last_admin')
  async removeRole(
    @CurrentActor() actor: Actor,
    @IdParam('id', 'user') id: string,
    @RoleParam() role: string,
  ): Promise<ManagedUserDto> {
    return ManagedUserDto.of(await this.users.removeRole(id, role, actor));
  }

  @Get(':id/sessions')
  @ApiOperation({ summary: 'Where somebody is signed in, newest first' })
  @ApiOkResponse({ type: UserSessionPageDto })
  @ApiProblems('validation_failed', 'invalid_cursor', 'not_found')
  async sessions(@IdParam('id', 'user') id: string, @Query() query: PageQuery): Promise<UserSessionPageDto> {
    const page = await this.access.sessionsOf(id, query);
    return { ...page, items: page.items.map((row) => UserSessionDto.of(row)) };
  }

  @Delete(':id/sessions')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign somebody out everywhere' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async endSessions(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<void> {
    await this.access.endSessions(id, undefined, actor);
  }

  @Delete(':id/sessions/:sessionId')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one session of somebody' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async endSession(
    @CurrentActor() actor: Actor,
    @IdParam('id', 'user') id: string,
    @IdParam('sessionId', 'session') sessionId: string,
  ): Promise<void> {
    await this.access.endSessions(id, sessionId, actor);
  }

  @Delete(':id/second-factor')
  @HttpCode(204)
  @RecentSignIn()
  @ApiOperation({
    summary: 'Take the second factor of somebody who lost it',
    description:
      'Not your own. All sessions end and the password is void, since it may be one that only counts beside a second factor: a mail for a new one goes out.',
  })
  @ApiNoContentResponse()
  @ApiProblems('not_found', 'conflict', 'last_admin')
  async resetFactor(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<void> {
    await this.access.resetFactor(id, actor);
  }

  @Delete(':id/api-keys')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke all API keys of somebody' })
  @ApiNoContentResponse()
  @ApiProblems('not_found')
  async revokeKeys(@CurrentActor() actor: Actor, @IdParam('id', 'user') id: string): Promise<void> {
    await this.access.revokeKeys(id, actor);
  }
}
