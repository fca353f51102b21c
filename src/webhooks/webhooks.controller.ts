import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { Idempotent } from '../common/http/idempotency.js';
import { PageQuery } from '../common/http/page.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { IdParam } from '../common/http/uuid-param.js';
import { SessionOnly } from '../common/security/access.js';
import type { Actor } from '../common/security/actor.types.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentActor } from '../common/security/current-actor.js';
import { CurrentUser } from '../common/security/current-user.js';
import { RecentSignIn } from '../common/security/recent-sign-in.js';
import {
  CreateWebhookDto,
  DeliveryDto,
  DeliveryPageDto,
  UpdateWebhookDto,
  WebhookDto,
  WebhookPageDto,
  WebhookWithSecretDto,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';
import { WEBHOOK_EVENTS } from './webhooks.types.js';

@ApiTags('Webhooks')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests', 'not_found')
@SessionOnly()
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Post()
  @RecentSignIn()
  @Idempotent()
  @ApiOperation({
    summary: 'Be told when documents are ready or failed',
    description: 'See docs/webhooks.md.',
  })
  @ApiCreatedResponse({ type: WebhookWithSecretDto })
  @ApiProblems('conflict')
  async create(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @Body() body: CreateWebhookDto,
  ): Promise<WebhookWithSecretDto> {
    const wanted = {
      url: body.url,
      events: body.events ?? WEBHOOK_EVENTS,
      description: body.description ?? null,
      collectionId: body.collection_id,
    };
    return WebhookWithSecretDto.with(await this.webhooks.create(within(user, actor), wanted));
  }

  @Get()
  @ApiOperation({ summary: 'List your webhooks' })
  @ApiOkResponse({ type: WebhookPageDto })
  async list(@CurrentUser() user: AuthUser, @Query() query: PageQuery): Promise<WebhookPageDto> {
    const page = await this.webhooks.page(user.id, query);
    return { ...page, items: page.items.map((row) => WebhookDto.of(row)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a webhook' })
  @ApiOkResponse({ type: WebhookDto })
  async get(@CurrentUser() user: AuthUser, @IdParam('id', 'webhook') id: string): Promise<WebhookDto> {
    return WebhookDto.of(await this.webhooks.get(user.id, id));
  }

  @Patch(':id')
  @RecentSignIn()
  @ApiOperation({ summary: 'Change a webhook, turn it off or on' })
  @ApiOkResponse({ type: WebhookDto })
  async update(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'webhook') id: string,
    @Body() body: UpdateWebhookDto,
  ): Promise<WebhookDto> {
    return WebhookDto.of(await this.webhooks.update(within(user, actor), id, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a webhook with its log' })
  @ApiNoContentResponse()
  async remove(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'webhook') id: string,
  ): Promise<void> {
    await this.webhooks.remove(within(user, actor), id);
  }

  @Post(':id/rotate')
  @RecentSignIn()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Get a new secret',
    description: 'For 24 hours messages carry a signature with each of the two.',
  })
  @ApiOkResponse({ type: WebhookWithSecretDto })
  async rotate(
    @CurrentUser() user: AuthUser,
    @CurrentActor() actor: Actor,
    @IdParam('id', 'webhook') id: string,
  ): Promise<WebhookWithSecretDto> {
    return WebhookWithSecretDto.with(await this.webhooks.rotate(within(user, actor), id));
  }

  @Post(':id/ping')
  @HttpCode(202)
  @RateLimited('expensive')
  @ApiOperation({ summary: 'Send a message of the type `ping` to try it out' })
  @ApiAcceptedResponse({ type: DeliveryDto })
  async ping(@CurrentUser() user: AuthUser, @IdParam('id', 'webhook') id: string): Promise<DeliveryDto> {
    return DeliveryDto.of(await this.webhooks.ping(user.id, id));
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'List what was sent, newest first; kept for 30 days' })
  @ApiOkResponse({ type: DeliveryPageDto })
  async deliveries(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'webhook') id: string,
    @Query() query: PageQuery,
  ): Promise<DeliveryPageDto> {
    const page = await this.webhooks.log(user.id, id, query);
    return { ...page, items: page.items.map((row) => DeliveryDto.of(row)) };
  }

  @Post(':id/deliveries/:delivery_id/retry')
  @HttpCode(202)
  @RateLimited('expensive')
  @ApiOperation({ summary: 'Send a message again' })
  @ApiAcceptedResponse({ type: DeliveryDto })
  async retry(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'webhook') id: string,
    @IdParam('delivery_id', 'delivery') deliveryId: string,
  ): Promise<DeliveryDto> {
    return DeliveryDto.of(await this.webhooks.retry(user.id, id, deliveryId));
  }
}

const within = ({ sessionId }: AuthUser, actor: Actor) => ({ ...actor, sessionId });
