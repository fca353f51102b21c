import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Sealed } from '../common/security/resealing.js';
import type { Transaction } from '../database/transaction.types.js';
import type { EndpointChange, EndpointRow, NewEndpoint } from './webhooks.types.js';

const COLUMNS = `id, owner_id, url, description, events, collection_id, enabled, disabled_reason,
  case when previous_until > now() then previous_until end as previous_until, created_at, updated_at`;

/** Endpoints; every query carries the owner. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Behind `lockWithCredential`. Undefined when the owner has as many as allowed. One that is there by this id was made by the
   * same request, whose answer nobody got: it takes the secret that is shown now, as if it were rotated.
   */
  async insert(
    transaction: Transaction,
    values: NewEndpoint,
    { limit, overlapSeconds }: { limit: number; overlapSeconds: number },
  ): Promise<EndpointRow | undefined> {
    const rows = await transaction.query<EndpointRow[]>(
      `insert into webhook_endpoints as e (id, owner_id, url, description, events, collection_id, secret)
       select $1, $2, $3, $4, $5, $6, $7
       where (select count(*) from webhook_endpoints where owner_id = $2 and id <> $1) < $8
       on conflict (id) do update set previous_secret = e.secret, secret = excluded.secret,
         previous_until = now() + make_interval(secs => $9), updated_at = now()
       where e.owner_id = excluded.owner_id returning ${COLUMNS}`,
      [
        values.id,
        values.ownerId,
        values.url,
        values.description,
        values.events,
        values.collectionId,
        values.secret,
        limit,
        overlapSeconds,
      ],
    );
    return rows[0];
  }

  async find(ownerId: string, id: string): Promise<EndpointRow | undefined> {
    const rows = await this.source.query<EndpointRow[]>(
      `select ${COLUMNS} from webhook_endpoints where id = $1 and owner_id = $2`,
      [id, ownerId],
    );
    return rows[0];
  }

  page(
    ownerId: string,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<EndpointRow[]> {
    return this.source.query<EndpointRow[]>(
      `select ${COLUMNS} from webhook_endpoints where owner_id = $1
         and ($2::timestamptz is null or (created_at, id) > ($2::timestamptz, $3::uuid))
       order by created_at, id limit $4`,
      [ownerId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  async update(
    transaction: Transaction,
    ownerId: string,
    id: string,
    change: EndpointChange,
  ): Promise<EndpointRow | undefined> {
    const [rows] = await transaction.query<[EndpointRow[], number]>(
      `update webhook_endpoints set url = coalesce($3, url), events = coalesce($4, events),
         description = case when $5 then $6 else description end, enabled = coalesce($7, enabled),
         disabled_reason = case when $7 then null else disabled_reason end, updated_at = now()
       where id = $1 and owner_id = $2 returning ${COLUMNS}`,
      [
        id,
        ownerId,
        change.url ?? null,
        change.events ?? null,
        change.description !== undefined,
        change.description ?? null,
        change.enabled ?? null,
      ],
    );
    return rows[0];
  }

  /** The secret before stays good for `overlapSeconds`. */
  async rotate(
    transaction: Transaction,
    ownerId: string,
    id: string,
    secret: Buffer,
    overlapSeconds: number,
  ): Promise<EndpointRow | undefined> {
    const [rows] = await transaction.query<[EndpointRow[], number]>(
      `update webhook_endpoints set previous_secret = secret, secret = $3,
         previous_until = now() + make_interval(secs => $4), updated_at = now()
       where id = $1 and owner_id = $2 returning ${COLUMNS}`,
      [id, ownerId, secret, overlapSeconds],
    );
    return rows[0];
  }

  /** With its log. */
  async remove(transaction: Transaction, ownerId: string, id: string): Promise<EndpointRow | undefined> {
    const [rows] = await transaction.query<[EndpointRow[], number]>(
      `delete from webhook_endpoints where id = $1 and owner_id = $2 returning ${COLUMNS}`,
      [id, ownerId],
    );
    return rows[0];
  }

  /** Receives nothing until its owner turns it on again. */
  async disable(id: string, reason: string): Promise<void> {
    await this.source.query(
      'update webhook_endpoints set enabled = false, disabled_reason = $2, updated_at = now() where id = $1',
      [id, reason],
    );
  }

  /** Secrets, also those that were replaced, by their endpoints: in the order of ids from the one after `after`. */
  sealed(after: string, count: number): Promise<Sealed[]> {
    return this.source.query(
      `select e.id, s.sealed from (select * from webhook_endpoints where id > $1 order by id limit $2) e
       cross join lateral (values (e.secret), (e.previous_secret)) s (sealed)
       where s.sealed is not null order by e.id`,
      [after, count],
    );
  }

  /** The same secret, sealed otherwise; false where the endpoint has it no more. */
  async reseal({ id, sealed }: Sealed, again: Buffer): Promise<boolean> {
    const [, changed] = await this.source.query<[unknown[], number]>(
      `update webhook_endpoints set secret = case when secret = $2 then $3 else secret end,
         previous_secret = case when previous_secret = $2 then $3 else previous_secret end
       where id = $1 and $2 in (secret, previous_secret)`,
      [id, sealed, again],
    );
    return changed > 0;
  }
}
