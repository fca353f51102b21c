import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { isBeingBackedUp } from './online-backup.js';

const EVERY_MS = 15_000;

/** The thresholds of PostgreSQL's own autovacuum, with a smaller base for tables that only grow. */
const DUE = `
  select format('%I.%I', schemaname, relname) as name,
         n_dead_tup > 50 + 0.2 * n_live_tup or n_ins_since_vacuum > 500 + 0.2 * n_live_tup as vacuum
  from pg_stat_user_tables
  where n_mod_since_analyze > 50 + 0.1 * n_live_tup
     or n_dead_tup > 50 + 0.2 * n_live_tup
     or n_ins_since_vacuum > 500 + 0.2 * n_live_tup
  order by n_mod_since_analyze desc limit 20`;

/** Changes that a start after a crash has to go through again, at most about so many bytes. */
const LOG_BYTES = 128 * 1024 * 1024;
const LOG_SINCE_CHECKPOINT = `
  select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()`;

/**
 * Stands in for autovacuum, which the embedded database has no process for: without statistics its planner walks
 * whole tables, and without vacuuming rows that change often pile up. Stands in for the checkpointer as well: without
 * checkpoints the log of changes would grow until the server ends, and would be gone through again when it did not end
 * in order. One step at a time, so that a query waits for one at most.
 */
@Injectable()
export class EmbeddedMaintenance implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Maintenance');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly source: DataSource,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.embedded) return;
    this.timer = setInterval(() => {
      this.running ??= this.run()
        .catch((error: unknown) => this.logger.warn({ err: error }, 'maintenance of the database failed'))
        .finally(() => (this.running = undefined));
    }, EVERY_MS);
    this.timer.unref();
  }

  async run(): Promise<void> {
    for (const { name, vacuum } of await this.source.query<{ name: string; vacuum: boolean }[]>(DUE)) {
      if (!this.timer) return;
      if (vacuum) await this.source.query(`vacuum ${name}`);
      await this.source.query(`analyze ${name}`);
    }
    await this.checkpoint();
  }

  private async checkpoint(): Promise<void> {
    const [log] = await this.source.query<{ bytes: number }[]>(LOG_SINCE_CHECKPOINT);
    // What a backup copies is brought to one moment by the log since its beginning, which a checkpoint would take away.
    if (!this.timer || (log?.bytes ?? 0) < LOG_BYTES || isBeingBackedUp(this.settings.dataDir)) return;
    await this.source.query('checkpoint');
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.running;
  }
}
