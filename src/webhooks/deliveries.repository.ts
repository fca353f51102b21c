import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ClaimedDelivery, DeliveryRow, DeliveryState } from './webhooks.types.js';

const COLUMNS =
  'd.id, d.event, d.document_id, d.state, d.attempts, d.next_at, d.response_status, d.error, d.created_at, d.finished_at';

/** The log of deliveries, which is also their queue. */
@Injectable()
export class DeliveriesRepository {
  constructor(private readonly source: DataSource) {}

  async insert(endpointId: string, event: string): Promise<DeliveryRow> {
    const rows = await this.source.query<DeliveryRow[]>(
      `insert into webhook_deliveries as d (id, endpoint_id, event) values ($1, $2, $3) returning ${COLUMNS}`,
      [randomUUID(), endpointId, event],
    );
    return rows[0]!;
  }

  /** Newest first. */
  page(
    endpointId: string,
    before: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<DeliveryRow[]> {
    return this.source.query<DeliveryRow[]>(
      `select ${COLUMNS} from webhook_deliveries d where d.endpoint_id = $1
         and ($2::timestamptz is null or (d.created_at, d.id) < ($2::timestamptz, $3::uuid))
       order by d.created_at desc, d.id desc limit $4`,
      [endpointId, before?.at ?? null, before?.id ?? null, limit],
    );
  }

  /** Lines a finished delivery up again, as if it were new; undefined where there is none. */
  async retry(endpointId: string, id: string): Promise<DeliveryRow | undefined> {
    const [rows] = await this.source.query<[DeliveryRow[], number]>(
      `update webhook_deliveries d set state = 'pending', attempts = 0, next_at = now(), finished_at = null
       where d.id = $1 and d.endpoint_id = $2 and d.state <> 'pending' returning ${COLUMNS}`,
      [id, endpointId],
    );
    return rows[0];
  }

  /**
   * Takes what is due, from each owner in turn: what waits for one does not hold up another's. Whoever dies with it
   * loses it after the lease, and the attempt counts.
   * @param busy how many of an owner's are being sent already
   */
  async claim(
    limit: number,
    {
      leaseSeconds,
      mostOfAnOwner,
      busy,
    }: { leaseSeconds: number; mostOfAnOwner: number; busy: ReadonlyMap<string, number> },
  ): Promise<ClaimedDelivery[]> {
    const [rows] = await this.source.query<[ClaimedDelivery[], number]>(
      `update webhook_deliveries d
       set attempts = d.attempts + 1, next_at = now() + make_interval(secs => $2)
       from webhook_endpoints e
       where e.id = d.endpoint_id and d.id in (
         select w.id from webhook_deliveries w
         where w.state = 'pending' and w.next_at <= now() and w.id = any(array(
           select turns.id from (
             select due.id, due.next_at, coalesce(b.count, 0) + row_number() over (
                      partition by o.owner_id order by due.next_at, due.id) as turn
             from webhook_endpoints o
             left join unnest($4::uuid[], $5::int[]) as b (owner_id, count) on b.owner_id = o.owner_id
             cross join lateral (
               select p.id, p.next_at from webhook_deliveries p
               where p.endpoint_id = o.id and p.state = 'pending' and p.next_at <= now()
               order by p.next_at limit $3) due
             where exists (select from webhook_deliveries p where p.state = 'pending' and p.next_at <= now())) turns
           where turns.turn <= $3 order by turns.turn, turns.next_at limit $1))
         for update skip locked)
       returning d.id, d.endpoint_id, e.owner_id, e.url, d.event, d.document_id, d.attempts, e.secret, d.created_at,
         case when e.previous_until > now() then e.previous_secret end as previous_secret`,
      [limit, leaseSeconds, mostOfAnOwner, [...busy.keys()], [...busy.values()]],
    );
    return rows;
  }

  async finish(
    id: string,
    outcome: { state: Exclude<DeliveryState, 'pending'>; status: number | null; error: string | null },
  ): Promise<void> {
    await this.source.query(
      `update webhook_deliveries set state = $2, response_status = $3, error = $4, next_at = null, finished_at = now()
       where id = $1`,
      [id, outcome.state, outcome.status, outcome.error],
    );
  }

  async postpone(id: string, seconds: number, status: number | null, error: string | null): Promise<void> {
    await this.source.query(
      `update webhook_deliveries set response_status = $3, error = $4, next_at = now() + make_interval(secs => $2)
       where id = $1`,
      [id, seconds, status, error],
    );
  }

  /** As if it had not been taken. */
  async giveBack(id: string): Promise<void> {
    await this.source.query(
      `update webhook_deliveries set attempts = greatest(attempts - 1, 0), next_at = now()
       where id = $1 and state = 'pending'`,
      [id],
    );
  }

  /** Whether the endpoint still wants anything, and its owner may still have it. */
  async wanted(endpointId: string): Promise<boolean> {
    const rows = await this.source.query<unknown[]>(
      `select 1 from webhook_endpoints e join users u on u.id = e.owner_id
       where e.id = $1 and e.enabled and u.is_active`,
      [endpointId],
    );
    return rows.length > 0;
  }

  async forget(days: number): Promise<void> {
    await this.source.query(
      `delete from webhook_deliveries where state <> 'pending' and finished_at < now() - make_interval(days => $1)`,
      [days],
    );
  }
}
