import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { Idempotent } from '../common/http/idempotency.js';
import { PageQuery } from '../common/http/page.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import {
  CollectionDto,
  CollectionPageDto,
  CreateCollectionDto,
  UpdateCollectionDto,
} from './collections.dto.js';
import { CollectionsService } from './collections.service.js';

@ApiTags('Collections')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests')
@AdminMayPass()
@Controller('collections')
export class CollectionsController {
  constructor(private readonly collections: CollectionsService) {}

  @Post()
  @Idempotent()
  @KeyScope('collections:write')
  @ApiOperation({ summary: 'Make a collection that you own' })
  @ApiCreatedResponse({ type: CollectionDto })
  async create(@CurrentUser() user: AuthUser, @Body() body: CreateCollectionDto): Promise<CollectionDto> {
    return CollectionDto.of(await this.collections.create(user, body.name, body.description ?? null));
  }

  @Get()
  @KeyScope('collections:read')
  @ApiOperation({ summary: 'List the collections that you may read' })
  @ApiOkResponse({ type: CollectionPageDto })
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<CollectionPageDto> {
    const page = await this.collections.page(user, query);
    return { ...page, items: page.items.map((row) => CollectionDto.of(row)) };
  }

  @Get(':id')
  @KeyScope('collections:read')
  @ApiOperation({ summary: 'Show a collection' })
  @ApiOkResponse({ type: CollectionDto })
  @ApiProblems('not_found')
  async get(@CurrentUser() user: AuthUser, @IdParam('id', 'collection') id: string): Promise<CollectionDto> {
    return CollectionDto.of(await this.collections.get(user, id));
  }

  @Patch(':id')
  @KeyScope('collections:write')
  @ApiOperation({ summary: 'Rename or describe a collection' })
  @ApiOkResponse({ type: CollectionDto })
  @ApiProblems('not_found', 'forbidden')
  async update(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'collection') id: string,
    @Body() body: UpdateCollectionDto,
  ): Promise<CollectionDto> {
    return CollectionDto.of(await this.collections.update(user, id, body));
  }
}
