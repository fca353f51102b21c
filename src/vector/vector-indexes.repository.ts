import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../config/settings.js';
import { NAMED_LOCKS } from '../database/advisory-locks.js';
import { deleteInPieces, PIECE } from '../database/delete-in-pieces.js';
import type { RegisteredIndex, VectorIndex } from './vector.types.js';

interface IndexRow {
  id: string;
  model_id: string;
  dimensions: number;
}

/** Which generations of vectors exist in the configured store, and which one answers. */
@Injectable()
export class VectorIndexesRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /** All that are registered, also those of a store that is no longer configured; oldest first. */
  async list(): Promise<RegisteredIndex[]> {
    const rows = await this.dataSource.query<RegisteredRow[]>(
      `select id, model_id, dimensions, store, state, kept,
         exists (select from index_rebuilds r where r.index_id = i.id and r.lost and r.finished_at is null) as lost
       from vector_indexes i where strpos(model_id, ${GIVEN_UP}) = 0 order by created_at, id`,
    );
    return rows.map((row) => {
      const { store, state, kept, lost } = row;
      return { ...toIndex(row), store, state, kept, lost };
    });
  }

  /** Those of the configured store, the retired ones included. */
  async findAll(): Promise<RegisteredIndex[]> {
    return (await this.list()).filter((index) => index.store === this.settings.vectorStore);
  }

  /**
   * Retired indexes of the configured store that nobody used for this long and nobody wants kept, or the one that is
   * named. Each loses its model's name first, so that the model gets a new index should it come back at this moment.
   */
  async giveUp(seconds: number, only?: string): Promise<VectorIndex[]> {
    return this.dataSource.transaction(async (transaction) => {
      await lock(transaction);
      await transaction.query(
        `update vector_indexes i set model_id = left(model_id, 200) || ${GIVEN_UP} || id
         where store = $1 and state = 'retired' and retired_at <= now() - make_interval(secs => $2)
           and strpos(model_id, ${GIVEN_UP}) = 0 and (case when $3::uuid is null then not kept else id = $3 end)
           and not exists (select from encoder_switches s where s.index_id = i.id and s.finished_at is null)`,
        [this.settings.vectorStore, seconds, only ?? null],
      );
      const rows = await transaction.query<IndexRow[]>(
        `select id, model_id, dimensions from vector_indexes
         where store = $1 and state = 'retired' and strpos(model_id, ${GIVEN_UP}) > 0
           and ($2::uuid is null or id = $2)`,
        [this.settings.vectorStore, only ?? null],
      );
      return rows.map(toIndex);
    });
  }

  async forget(index: VectorIndex): Promise<void> {
    await deleteInPieces(
      this.dataSource,
      `delete from rebuilt_versions where ctid = any(array(
         select ctid from rebuilt_versions where index_id = $1 limit ${PIECE}))`,
      [index.id],
    );
    await this.dataSource.query("delete from vector_indexes where id = $1 and state = 'retired'", [index.id]);
  }

  /** The index of a model, registered as `building` when it is new. Processes that start at once get the same. */
  async register(modelId: string, dimensions: number): Promise<VectorIndex> {
    const store = this.settings.vectorStore;
    await this.dataSource.query(
      `insert into vector_indexes (id, model_id, dimensions, store, state) values ($1, $2, $3, $4, 'building')
       on conflict (model_id, store) do nothing`,
      [randomUUID(), modelId, dimensions, store],
    );
    const rows = await this.dataSource.query<IndexRow[]>(
      'select id, model_id, dimensions from vector_indexes where model_id = $1 and store = $2',
      [modelId, store],
    );
    const row = rows[0];
    if (!row) throw new Error(`the vector index of ${modelId} disappeared while it was being made`);
    return toIndex(row);
  }

  /**
   * Makes this index the one that answers where none does, where the one that does is of the same encoder in another
   * store, or where nothing was ever embedded. Any other change is a switch. What has to be brought from another store is
   * noted with it: until the index is whole, it answers nothing. @returns whether it does else
   */
  async activate(index: VectorIndex): Promise<{ answers: boolean; moved: boolean }> {
    return this.dataSource.transaction(async (transaction) => {
      await lock(transaction);
      const [active] = await transaction.query<IndexRow[]>(
        `select id, model_id, dimensions from vector_indexes where state = 'active'`,
      );
      if (active?.id === index.id) return { answers: true, moved: false };
      const isOfAnother = active !== undefined && active.model_id !== index.modelId;
      if (isOfAnother && (await isDecided(transaction))) return { answers: false, moved: false };
      await transaction.query(
        `update vector_indexes set state = 'retired', kept = false, retired_at = now() where state = 'active'`,
      );
      await transaction.query(`update vector_indexes set state = 'active', kept = false where id = $1`, [
        index.id,
      ]);
      return { answers: true, moved: !!active && !isOfAnother && (await noteMoved(transaction, index)) };
    });
  }

  /** Whether anything is shown that could have vectors. */
  async hasPassages(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ has: boolean }[]>(`select ${HAS_PASSAGES} as has`);
    return row?.has ?? false;
  }

  /**
   * Writes down that the index that answers has to be made again because the store lost it, or that what was made of it
   * counts no more. @returns false where it does not answer, or nothing was stored in it yet
   */
  async noteLost(index: VectorIndex): Promise<boolean> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `insert into index_rebuilds (id, what, index_id, lost)
       select $1::uuid, 'vectors', i.id, true from vector_indexes i
       where i.id = $2 and i.state = 'active' and (
         exists (select from rebuilt_versions w where w.index_id = i.id and w.embedded_count > 0)
         or exists (select from document_versions v
                    where v.embedded_count > 0 and (v.embedded_index_id = i.id or v.embedded_index_id is null)))
       on conflict (what) where finished_at is null do update
         set lost = true, index_id = excluded.index_id, lined_up_through = null, lined_up = false, since = date_trunc('milliseconds', now())
       returning id`,
      [randomUUID(), index.id],
    );
    return row !== undefined;
  }

  /** Whether the encoder stands: there are vectors, in whatever index, or somebody changed to it. */
  isDecided(): Promise<boolean> {
    return isDecided(this.dataSource);
  }
}

interface RegisteredRow extends IndexRow, Pick<RegisteredIndex, 'store' | 'state' | 'kept' | 'lost'> {}

async function isDecided(source: Pick<EntityManager, 'query'>): Promise<boolean> {
  const [row] = await source.query<{ decided: boolean }[]>(
    `select exists (select from document_versions where embedded_count > 0 or embedded_index_id is not null)
       or exists (select from rebuilt_versions)
       or exists (select from encoder_switches where phase = 'done') as decided`,
  );
  return row?.decided ?? false;
}

/**
 * Nothing is lined up: whoever opens the index does that, and only for what it lacks. What it may hold from a former time is
 * compared with the store before it answers.
 */
async function noteMoved(transaction: EntityManager, index: VectorIndex): Promise<boolean> {
  const rows = await transaction.query<unknown[]>(
    `insert into index_rebuilds (id, what, index_id, lost, lined_up)
     select $1::uuid, 'vectors', $2::uuid, true, true where ${HAS_PASSAGES}
     on conflict (what) where finished_at is null do update
       set lost = true, index_id = excluded.index_id, lined_up_through = null, lined_up = true,
         since = date_trunc('milliseconds', now()), runner = null, leased_until = null
     returning id`,
    [randomUUID(), index.id],
  );
  return rows.length > 0;
}

const HAS_PASSAGES = `exists (
  select from documents d join document_versions v on v.id = d.active_version_id
  where d.deleted_at is null and v.chunk_count > 0)`;

/** In the name of an index that is being dropped. */
const GIVEN_UP = `' dropped '`;

const lock = (transaction: EntityManager): Promise<unknown> =>
  transaction.query(`select pg_advisory_xact_lock(${NAMED_LOCKS.vectorIndexes})`);

const toIndex = (row: IndexRow): VectorIndex => ({
  id: row.id,
  modelId: row.model_id,
  dimensions: row.dimensions,
});
