import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.js';
import { Idempotent } from '../../common/http/idempotency.js';
import { PageQuery } from '../../common/http/page.js';
import { Roles } from '../../common/security/access.js';
import type { Actor } from '../../common/security/actor.types.js';
import { CurrentActor } from '../../common/security/current-actor.js';
import { RolesService } from '../../users/roles.service.js';
import { RoleParam } from './role-param.js';
import { CreateRoleDto, RoleDto, RolePageDto } from './users.dto.js';

@ApiTags('Administration')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin/roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  @Get()
  @ApiOperation({ summary: 'List roles by name' })
  @ApiOkResponse({ type: RolePageDto })
  @ApiProblems('validation_failed', 'invalid_cursor')
  async list(@Query() query: PageQuery): Promise<RolePageDto> {
    const page = await this.roles.page(query);
    return { ...page, items: page.items.map((role) => RoleDto.of(role)) };
  }

  @Post()
  @Idempotent()
  @ApiOperation({
    summary: 'Make a role',
    description: 'It opens nothing until a collection is granted to it.',
  })
  @ApiCreatedResponse({ type: RoleDto })
  @ApiProblems('validation_failed', 'conflict')
  async create(@CurrentActor() actor: Actor, @Body() body: CreateRoleDto): Promise<RoleDto> {
    return RoleDto.of(await this.roles.create(body.name, body.description ?? null, actor));
  }

  @Delete(':role')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a role with all grants to it' })
  @ApiNoContentResponse()
  @ApiProblems('not_found', 'conflict')
  async remove(@CurrentActor() actor: Actor, @RoleParam() role: string): Promise<void> {
    await this.roles.remove(role, actor);
  }
}
