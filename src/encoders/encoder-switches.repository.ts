import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NAMED_LOCKS } from '../database/advisory-locks.js';
import type { Transaction } from '../database/transaction.types.js';
import { isRefusedBy, isWholeIn } from '../database/whole-versions.js';
import type { Comparison, NewSwitch, SwitchPhase, SwitchRow } from './encoders.types.js';

const ROW = `id, kind, phase, model_id, from_model_id, index_id, from_index_id, activate, remove_old, sample, comparison,
  done, total, detail, requested_by, created_at, finished_at`;
/** A run that says nothing for this long is taken for lost. */
const LEASE_SECONDS = 30;
const KEPT = 100;

const lockIndexes = (tx: Transaction): Promise<unknown> =>
  tx.query(`select pg_advisory_xact_lock(${NAMED_LOCKS.vectorIndexes})`);

/** Changes of the encoder: at most one is open. */
@Injectable()
export class EncoderSwitchesRepository {
  constructor(private readonly source: DataSource) {}

  /** @returns undefined where another one is open */
  async begin(tx: Transaction, wanted: NewSwitch): Promise<SwitchRow | undefined> {
    await lockIndexes(tx);
    const rows = await tx.query<SwitchRow[]>(
      `insert into encoder_switches (id, kind, phase, model_id, index_id, activate, remove_old, sample, requested_by,
                                     from_index_id, from_model_id)
       select $1::uuid, $2, 'building', $3::varchar, $4::uuid, $5, $6::boolean, $7::jsonb, $8::uuid, a.id, a.model_id
       from (select 1) one left join vector_indexes a on a.state = 'active'
       where not exists (select from encoder_switches where finished_at is null)
         and exists (select from vector_indexes where id = $4::uuid and model_id = $3::varchar)
       returning ${ROW}`,
      [
        randomUUID(),
        wanted.kind,
        wanted.modelId,
        wanted.indexId,
        wanted.activate,
        wanted.removeOld,
        wanted.sample && JSON.stringify(wanted.sample),
        wanted.requestedBy,
      ],
    );
    if (rows.length > 0)
      await tx.query(`update vector_indexes set state = 'building' where id = $1 and state = 'retired'`, [
        wanted.indexId,
      ]);
    await tx.query(
      `delete from encoder_switches where finished_at is not null and id not in (
         select id from encoder_switches order by created_at desc, id limit ${KEPT})`,
    );
    return rows[0];
  }

  async open(): Promise<SwitchRow | undefined> {
    const rows = await this.source.query<SwitchRow[]>(
      `select ${ROW} from encoder_switches where finished_at is null`,
    );
    return rows[0];
  }

  /** The newest one, whether it is over or not. */
  async last(): Promise<SwitchRow | undefined> {
    const rows = await this.source.query<SwitchRow[]>(
      `select ${ROW} from encoder_switches order by created_at desc, id limit 1`,
    );
    return rows[0];
  }

  /** Takes the open switch on; undefined where there is none or somebody works on it. */
  async lease(runner: string): Promise<SwitchRow | undefined> {
    const [rows] = await this.source.query<[SwitchRow[], number]>(
      `update encoder_switches set runner = $1, leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
       where finished_at is null and phase <> 'ready' and (leased_until is null or leased_until < clock_timestamp())
       returning ${ROW}`,
      [runner],
    );
    return rows[0];
  }

  /** @returns false where the switch is over or somebody else's */
  async extend(id: string, runner: string): Promise<boolean> {
    const [, count] = await this.source.query<[unknown[], number]>(
      `update encoder_switches set leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
       where id = $1 and runner = $2 and finished_at is null`,
      [id, runner],
    );
    return count > 0;
  }

  /** Without a runner, whoever it was: the embedded database has one process. */
  async release(runner?: string): Promise<void> {
    await this.source.query(
      `update encoder_switches set runner = null, leased_until = null
       where finished_at is null and ($1::uuid is null or runner = $1)`,
      [runner ?? null],
    );
  }

  async progress(id: string, runner: string, done: number, total: number): Promise<void> {
    await this.source.query(
      'update encoder_switches set done = $3::int, total = $4::int, detail = null where id = $1 and runner = $2',
      [id, runner, done, total],
    );
  }

  /** What it waits for, in words. */
  async tell(id: string, detail: string): Promise<void> {
    await this.source.query(
      `update encoder_switches set detail = left($2, 500) where id = $1 and finished_at is null`,
      [id, detail],
    );
  }

  /** @returns false where the switch is over or somebody else's */
  async enter(id: string, runner: string, phase: SwitchPhase): Promise<boolean> {
    const [, count] = await this.source.query<[unknown[], number]>(
      `update encoder_switches set phase = $3, detail = null where id = $1 and runner = $2 and finished_at is null`,
      [id, runner, phase],
    );
    return count > 0;
  }

  async compared(id: string, comparison: Comparison): Promise<void> {
    await this.source.query('update encoder_switches set comparison = $2::jsonb where id = $1', [
      id,
      JSON.stringify(comparison),
    ]);
  }

  /** Has an index answer that was waiting for it. @returns undefined where none is */
  async activate(tx: Transaction): Promise<SwitchRow | undefined> {
    const [rows] = await tx.query<[SwitchRow[], number]>(
      `update encoder_switches set phase = 'preparing', activate = 'always', detail = null, runner = null, leased_until = null
       where finished_at is null and phase = 'ready' returning ${ROW}`,
    );
    return rows[0];
  }

  /** Retires an index that is being built for no open switch. @returns false where there is one, or it is not being built */
  async abandon(indexId: string): Promise<boolean> {
    return this.source.transaction(async (tx) => {
      await lockIndexes(tx);
      const [, count] = await tx.query<[unknown[], number]>(
        `update vector_indexes i set state = 'retired', retired_at = now() where id = $1 and state = 'building'
           and not exists (select from encoder_switches s where s.index_id = i.id and s.finished_at is null)`,
        [indexId],
      );
      return count > 0;
    });
  }

  /** Ends the open switch without effect. What was built for it may go, unless it answered once and was kept. */
  async end(tx: Transaction, phase: 'cancelled' | 'failed', id?: string): Promise<SwitchRow | undefined> {
    await lockIndexes(tx);
    const [rows] = await tx.query<[SwitchRow[], number]>(
      `update encoder_switches set phase = $1, finished_at = now()
       where finished_at is null and ($2::uuid is null or id = $2) returning ${ROW}`,
      [phase, id ?? null],
    );
    if (rows[0])
      await tx.query(
        `update vector_indexes set state = 'retired', retired_at = now() where id = $1 and state = 'building'`,
        [rows[0].index_id],
      );
    return rows[0];
  }

  /**
   * Has the new index answer, in one step: from the commit on it does, everywhere. Nothing that the old one holds whole
   * may lack in it, but for what its encoder refuses.
   * @returns undefined where something lacks, or the switch is over or somebody else's: nothing was changed then
   */
  async flip(tx: Transaction, id: string, runner: string): Promise<SwitchRow | undefined> {
    await lockIndexes(tx);
    const [open] = await tx.query<SwitchRow[]>(
      `select ${ROW} from encoder_switches
       where id = $1 and runner = $2 and finished_at is null and phase = 'switching' for update`,
      [id, runner],
    );
    if (!open) return undefined;
    const target = open.index_id;
    // Whoever writes down a version as whole in the old index holds its row: from here on nobody does.
    const [old] = await tx.query<{ id: string; model_id: string }[]>(
      `select id, model_id from vector_indexes where state = 'active' for update`,
    );
    const lacking = await tx.query<unknown[]>(
      `select 1 from documents d join document_versions v on v.id = d.active_version_id
       where d.deleted_at is null and not ${isWholeIn('v', '$1::uuid')} and ${isWholeIn('v', '$2::uuid')}
         and not ${isRefusedBy('v', '$1::uuid')} limit 1`,
      [target, old?.id ?? null],
    );
    if (old && lacking.length > 0) return undefined;
    await tx.query(
      `update vector_indexes set kept = false, retired_at = case when state = 'retired' then retired_at else now() end,
         state = 'retired' where id <> $1 and (state = 'active' or kept)`,
      [target],
    );
    await tx.query(`update vector_indexes set kept = not $2::boolean where id = $1`, [
      old?.id ?? null,
      open.remove_old,
    ]);
    await tx.query(
      `update vector_indexes set state = 'active', kept = false, retired_at = null where id = $1`,
      [target],
    );
    await this.restartBacklog(tx, target);
    const [rows] = await tx.query<[SwitchRow[], number]>(
      `update encoder_switches set phase = 'done', finished_at = now(), detail = null, from_index_id = $2, from_model_id = $3
       where id = $1 returning ${ROW}`,
      [id, old?.id ?? null, old?.model_id ?? null],
    );
    return rows[0];
  }

  /** What still waits has nothing in the new index yet, or all. */
  private async restartBacklog(tx: Transaction, target: string): Promise<void> {
    await tx.query(
      `with done as (
         delete from embedding_backlog b using document_versions v
         where v.id = b.version_id and ${isWholeIn('v', '$1::uuid')} returning v.id),
       whole as (
         update document_versions v set embedded_count = chunk_count, embedded_index_id = $1 from done where v.id = done.id)
       update documents d set status = 'ready', updated_at = now() from done
       where d.active_version_id = done.id and d.status = 'embedding'`,
      [target],
    );
    await tx.query(
      `update document_versions v set embedded_count = 0, embedded_index_id = null from embedding_backlog b
       where b.version_id = v.id and (v.embedded_count > 0 or v.embedded_index_id is not null)`,
    );
    // What failed with the encoder before says nothing about this one.
    await tx.query(
      `update embedding_backlog set claimed_until = null, attempts = 0, refusals = 0
       where claimed_until is not null or attempts > 0`,
    );
  }
}
