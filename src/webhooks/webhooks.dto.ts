import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, MaxLength } from 'class-validator';
import { PageInfo } from '../common/http/page.js';
import { IsChange, IsId, IsText } from '../common/http/validators.js';
import {
  DELIVERY_STATES,
  WEBHOOK_EVENTS,
  type DeliveryRow,
  type DeliveryState,
  type EndpointRow,
  type WebhookEvent,
} from './webhooks.types.js';

const MAX_URL = 2000;
const MAX_DESCRIPTION = 255;

export class CreateWebhookDto {
  @ApiProperty({
    example: 'https://example.com/hooks/documents',
    maxLength: MAX_URL,
    description: 'Where to post. Public HTTPS, unless `WEBHOOK_ALLOW_PRIVATE` is set.',
  })
  @IsText()
  @MaxLength(MAX_URL)
  url!: string;

  @ApiPropertyOptional({
    enum: WEBHOOK_EVENTS,
    enumName: 'WebhookEvent',
    isArray: true,
    description: 'All by default.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  events?: WebhookEvent[];

  @ApiPropertyOptional({ format: 'uuid', description: 'All that you may read by default.' })
  @IsOptional()
  @IsId()
  collection_id?: string;

  @ApiPropertyOptional({ maxLength: MAX_DESCRIPTION })
  @IsOptional()
  @IsText()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;
}

export class UpdateWebhookDto {
  @ApiPropertyOptional({ example: 'https://example.com/hooks/documents', maxLength: MAX_URL })
  @IsChange()
  @IsText()
  @MaxLength(MAX_URL)
  url?: string;

  @ApiPropertyOptional({ enum: WEBHOOK_EVENTS, enumName: 'WebhookEvent', isArray: true })
  @IsChange()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  events?: WebhookEvent[];

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MAX_DESCRIPTION })
  @IsOptional()
  @IsText()
  @MaxLength(MAX_DESCRIPTION)
  description?: string | null;

  @ApiPropertyOptional({
    description: 'One that is off gets nothing, and what happens meanwhile is not made up for.',
  })
  @IsChange()
  @IsBoolean()
  enabled?: boolean;
}

export class WebhookDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'https://example.com/hooks/documents' })
  url!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ enum: WEBHOOK_EVENTS, enumName: 'WebhookEvent', isArray: true })
  events!: WebhookEvent[];

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  collection_id!: string | null;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why the server turned it off.' })
  disabled_reason!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until then messages are signed with the secret before, too.',
  })
  previous_secret_until!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(row: EndpointRow): WebhookDto {
    return {
      id: row.id,
      url: row.url,
      description: row.description,
      events: row.events,
      collection_id: row.collection_id,
      enabled: row.enabled,
      disabled_reason: row.disabled_reason,
      previous_secret_until: row.previous_until?.toISOString() ?? null,
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
    };
  }
}

export class WebhookWithSecretDto extends WebhookDto {
  @ApiProperty({ description: 'Signs the messages. Shown this once.', example: 'whsec_…' })
  secret!: string;

  static with({ endpoint, secret }: { endpoint: EndpointRow; secret: string }): WebhookWithSecretDto {
    return Object.assign(new WebhookWithSecretDto(), WebhookDto.of(endpoint), { secret });
  }
}

export class WebhookPageDto extends PageInfo {
  @ApiProperty({ type: [WebhookDto] })
  items!: WebhookDto[];
}

export class DeliveryDto {
  @ApiProperty({ format: 'uuid', description: 'Also the `webhook-id` of the message.' })
  id!: string;

  @ApiProperty({ example: 'document.ready' })
  event!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  document_id!: string | null;

  @ApiProperty({
    enum: DELIVERY_STATES,
    enumName: 'DeliveryState',
    description: '`dropped`: there was nothing to send any more, or nobody to send it to.',
  })
  state!: DeliveryState;

  @ApiProperty()
  attempts!: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  next_attempt_at!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'What the receiver answered last.' })
  response_status!: number | null;

  @ApiProperty({ type: String, nullable: true })
  error!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finished_at!: string | null;

  static of(row: DeliveryRow): DeliveryDto {
    return {
      id: row.id,
      event: row.event,
      document_id: row.document_id,
      state: row.state,
      attempts: row.attempts,
      next_attempt_at: row.next_at?.toISOString() ?? null,
      response_status: row.response_status,
      error: row.error,
      created_at: row.created_at.toISOString(),
      finished_at: row.finished_at?.toISOString() ?? null,
    };
  }
}

export class DeliveryPageDto extends PageInfo {
  @ApiProperty({ type: [DeliveryDto] })
  items!: DeliveryDto[];
}
