import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type { AuditFilter, AuditRow } from './audit.types.js';

const COLUMNS = 'id, at, action, actor_id, target_type, target_id, ip, request_id, details';

/** `%` and `_` in what a client wrote are ordinary characters. */
const beginsWith = (text: string): string => `${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

function matching(filter: AuditFilter): { conditions: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const conditions = ['true'];
  const where = (sql: (n: number) => string, value: unknown): void => {
    if (value !== undefined) conditions.push(sql(values.push(value)));
  };
  if (filter.action?.endsWith('.')) where((n) => `action like $${n}`, beginsWith(filter.action));
  else where((n) => `action = $${n}`, filter.action);
  where((n) => `actor_id = $${n}`, filter.actorId);
  where((n) => `target_type = $${n}`, filter.targetType);
  where((n) => `target_id = $${n}`, filter.targetId);
  where((n) => `ip = $${n}`, filter.ip);
  where((n) => `request_id = $${n}`, filter.requestId);
  where((n) => `at >= $${n}`, filter.since);
  where((n) => `at < $${n}`, filter.until);
  return { conditions, values };
}

@Injectable()
export class AuditRepository {
  constructor(private readonly source: DataSource) {}

  /** In the transaction when there is one, else on its own; one statement for any number of rows. */
  async append(rows: readonly AuditRow[], transaction?: Transaction): Promise<void> {
    await (transaction ?? this.source.manager).query(
      `insert into audit_events (${COLUMNS})
       select * from jsonb_to_recordset($1::jsonb) as e (
         id uuid, at timestamptz, action varchar, actor_id uuid, target_type varchar, target_id text, ip varchar,
         request_id varchar, details jsonb)`,
      [JSON.stringify(rows)],
    );
  }

  /** Newest first. */
  page(
    filter: AuditFilter,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<AuditRow[]> {
    const { conditions, values } = matching(filter);
    if (after) {
      const at = values.push(after.at);
      const id = values.push(after.id);
      conditions.push(`(at, id) < ($${at}::timestamptz, $${id}::uuid)`);
    }
    return this.source.query<AuditRow[]>(
      `select ${COLUMNS} from audit_events where ${conditions.join(' and ')}
       order by at desc, id desc limit $${values.push(limit)}`,
      values,
    );
  }

  async count(
    filter: AuditFilter,
    details: Record<string, unknown>,
    transaction?: Transaction,
  ): Promise<number> {
    const { conditions, values } = matching(filter);
    conditions.push(`details @> $${values.push(JSON.stringify(details))}::jsonb`);
    const [row] = await (transaction ?? this.source.manager).query<{ n: number }[]>(
      `select count(*)::int as n from audit_events where ${conditions.join(' and ')}`,
      values,
    );
    return row?.n ?? 0;
  }

  /** Makes this month and the next two, unless they are there. */
  async makeMonths(): Promise<void> {
    await this.source.query(
      `select audit_make_month(((now() at time zone 'UTC') + make_interval(months => n))::date)
       from generate_series(0, 2) as n`,
    );
  }

  /** Whole months that ended more than `days` ago; their names. */
  async dropMonths(days: number, transaction: Transaction): Promise<string[]> {
    // Waits for readers and writers of the log; while it waits, others queue up behind it.
    await transaction.query(`set local lock_timeout = '3s'`);
    const rows = await transaction.query<{ name: string }[]>(
      'select audit_drop_months(now() - make_interval(days => $1)) as name',
      [days],
    );
    return rows.map((row) => row.name);
  }
}
