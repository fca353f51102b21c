export const WEBHOOK_EVENTS = ['document.ready', 'document.failed'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** Sent on request, to try an endpoint out. */
export const PING = 'ping';

export interface EndpointRow {
  id: string;
  owner_id: string;
  url: string;
  description: string | null;
  events: WebhookEvent[];
  collection_id: string | null;
  enabled: boolean;
  disabled_reason: string | null;
  previous_until: Date | null;
  created_at: Date;
  updated_at: Date;
}

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'dropped'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryRow {
  id: string;
  event: string;
  document_id: string | null;
  state: DeliveryState;
  attempts: number;
  next_at: Date | null;
  response_status: number | null;
  error: string | null;
  created_at: Date;
  finished_at: Date | null;
}

/** A delivery that this process has taken, with what it needs to send it. */
export interface ClaimedDelivery {
  id: string;
  endpoint_id: string;
  owner_id: string;
  url: string;
  event: string;
  document_id: string | null;
  attempts: number;
  secret: Buffer;
  previous_secret: Buffer | null;
  created_at: Date;
}

export interface NewEndpoint {
  id: string;
  ownerId: string;
  url: string;
  description: string | null;
  events: readonly WebhookEvent[];
  collectionId: string | null;
  /** Sealed. */
  secret: Buffer;
}

export interface EndpointChange {
  url?: string | undefined;
  description?: string | null | undefined;
  events?: WebhookEvent[] | undefined;
  enabled?: boolean | undefined;
}

/** One address of a host. */
export interface HostAddress {
  address: string;
  family: number;
}
