import type { DataSource, EntityManager } from 'typeorm';
import { AppError } from '../../../common/errors/app-error.js';
import { lockIndexLog, retireVersions } from '../../../database/index-log.js';
import type { AnalysisThread } from '../../analysis/analysis-thread.js';
import type { LexicalDifference } from '../../lexical.types.js';
import { countedVersions, stillActive } from '../stored-documents.js';
import type { SegmentLog, SegmentRow } from './segment-log.js';
import type { SegmentRebuilder } from './segment-rebuilder.js';

/** Bytes of segments that are read at once, unless one alone has more. */
const READ_BYTES = 4 * 1024 * 1024;
const BATCH = 1_000;
/** Segments may be merged away while they are read. */
const ATTEMPTS = 20;

/** The copy of a version that counts: the last one. */
interface Copy {
  last: number;
  chunks: number;
}

interface Stored {
  copies: Map<string, Copy>;
  damaged: SegmentRow[];
}

/**
 * Compares the stored segments with the versions that are shown. A process that runs may find what they lack, for it
 * has it in memory; the next one that starts would not.
 */
export class SegmentCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: SegmentLog,
    private readonly analysis: AnalysisThread,
    private readonly rebuilder: SegmentRebuilder,
  ) {}

  async compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference> {
    // In this order: what is shown was stored before, and what is stored may have been retired since.
    const shown = new Map<string, number>();
    for await (const page of countedVersions(this.dataSource)) {
      signal.throwIfAborted();
      for (const { id, chunks } of page) shown.set(id, chunks);
    }
    const retired = await this.log.retiredAfter(0);
    const { copies, damaged } = await this.read(signal);
    for (const { versionId, sequence } of retired)
      if (sequence > (copies.get(versionId)?.last ?? Infinity)) copies.delete(versionId);
    const lacking = [...shown].filter(([id, chunks]) => copies.get(id)?.chunks !== chunks).map(([id]) => id);
    const strangers = [...copies].filter(([id]) => !shown.has(id));
    const missing: string[] = [];
    const orphans: string[] = [];
    for (let i = 0; i < lacking.length; i += BATCH) {
      signal.throwIfAborted();
      const found = await stillActive(this.dataSource, lacking.slice(i, i + BATCH));
      if (mend) await this.rebuilder.index(found);
      missing.push(...found);
    }
    for (let i = 0; i < strangers.length; i += BATCH) {
      signal.throwIfAborted();
      orphans.push(...(await this.unknown(strangers.slice(i, i + BATCH), mend)));
    }
    if (mend) await this.rebuilder.remove(damaged);
    return { missing, orphans };
  }

  private async read(signal: AbortSignal): Promise<Stored> {
    const stored: Stored = { copies: new Map(), damaged: [] };
    const seen = new Set<string>();
    const through = (await this.log.list()).at(-1)?.sequence ?? 0;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rows = (await this.log.list()).filter(
        (row) => row.chunks > 0 && row.first <= through && !seen.has(keyOf(row)),
      );
      if (rows.length === 0) return stored;
      for (const batch of batches(rows)) {
        signal.throwIfAborted();
        // Merged away meanwhile: what it was merged into is in the next list.
        if (!(await this.readBatch(batch, stored))) break;
        for (const row of batch) seen.add(keyOf(row));
      }
    }
    throw new AppError('service_unavailable', 'The word index changes faster than it can be read.');
  }

  private async readBatch(batch: readonly SegmentRow[], stored: Stored): Promise<boolean> {
    const buffers = await this.log.fetch(batch);
    if (buffers === undefined) return false;
    const contents = await this.analysis.contents(
      batch.map(({ checksum }, i) => ({ bytes: buffers[i]!, checksum })),
    );
    batch.forEach((row, i) => {
      const held = contents[i];
      if (held === undefined) stored.damaged.push(row);
      held?.versionIds.forEach((id, at) => {
        const copy = stored.copies.get(id);
        if (copy === undefined || copy.last <= row.last)
          stored.copies.set(id, { last: row.last, chunks: held.chunks[at]! });
      });
    });
    return true;
  }

  /** Those of these versions that are neither shown nor retired since; retires them when told to. */
  private async unknown(versions: readonly [string, Copy][], retire: boolean): Promise<string[]> {
    const select = async (from: Pick<EntityManager, 'query'>): Promise<string[]> => {
      const rows = await from.query<{ id: string }[]>(
        `select t.id from unnest($1::uuid[], $2::bigint[]) as t (id, last)
         where not exists (select from documents d where d.active_version_id = t.id and d.deleted_at is null)
           and not exists (select from retired_versions r where r.version_id = t.id and r.sequence > t.last)`,
        [versions.map(([id]) => id), versions.map(([, { last }]) => last)],
      );
      return rows.map(({ id }) => id);
    };
    const found = await select(this.dataSource);
    if (!retire || found.length === 0) return found;
    return await this.dataSource.transaction(async (transaction) => {
      // Nobody publishes from here on, so what is unknown now stays so.
      await lockIndexLog(transaction);
      const still = await select(transaction);
      await retireVersions(transaction, still);
      return still;
    });
  }
}

const keyOf = (row: SegmentRow): string => `${row.sequence} ${row.checksum}`;

function batches(rows: readonly SegmentRow[]): SegmentRow[][] {
  const out: SegmentRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    if (bytes + row.size > READ_BYTES) {
      out.push([]);
      bytes = 0;
    }
    out.at(-1)!.push(row);
    bytes += row.size;
  }
  return out;
}
