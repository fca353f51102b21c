import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { Settings } from '../config/settings.js';
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

  async findActive(): Promise<VectorIndex | null> {
    const rows = await this.dataSource.query<IndexRow[]>(
      `select id, model_id, dimensions from vector_indexes where state = 'active' and store = $1`,
      [this.settings.vectorStore],
    );
    return rows[0] ? toIndex(rows[0]) : null;
  }

  /** Every index of the configured store, the retired ones included; oldest first. */
  async findAll(): Promise<VectorIndex[]> {
    const rows = await this.dataSource.query<IndexRow[]>(
      `select id, model_id, dimensions from vector_indexes where store = $1 and strpos(model_id, ${GIVEN_UP}) = 0
       order by created_at, id`,
      [this.settings.vectorStore],
    );
    return rows.map(toIndex);
  }

  /** All that are registered, also those of a store that is no longer configured; oldest first. */
  async list(): Promise<RegisteredIndex[]> {
    const rows = await this.dataSource.query<(IndexRow & Pick<RegisteredIndex, 'store' | 'state'>)[]>(
      'select id, model_id, dimensions, store, state from vector_indexes order by created_at, id',
    );
    return rows.map((row) => ({ ...toIndex(row), store: row.store, state: row.state }));
  }

  /**
   * Retired indexes of the configured store that nobody used for this long. Each loses its model's name first, so
   * that the model gets a new index should it come back at this moment.
   */
  async giveUp(seconds: number): Promise<VectorIndex[]> {
    return this.dataSource.transaction(async (transaction) => {
      await lock(transaction);
      await transaction.query(
        `update vector_indexes set model_id = left(model_id, 200) || ${GIVEN_UP} || id
         where store = $1 and state = 'retired' and retired_at < now() - make_interval(secs => $2)
           and strpos(model_id, ${GIVEN_UP}) = 0`,
        [this.settings.vectorStore, seconds],
      );
      const rows = await transaction.query<IndexRow[]>(
        `select id, model_id, dimensions from vector_indexes
         where store = $1 and state = 'retired' and strpos(model_id, ${GIVEN_UP}) > 0`,
        [this.settings.vectorStore],
      );
      return rows.map(toIndex);
    });
  }

  async forget(index: VectorIndex): Promise<void> {
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

  /** Makes this index the one that answers and retires the one that did. */
  async activate(index: VectorIndex): Promise<void> {
    await this.dataSource.transaction(async (transaction) => {
      await lock(transaction);
      await transaction.query(
        `update vector_indexes set state = 'retired', retired_at = now() where state = 'active' and id <> $1`,
        [index.id],
      );
      await transaction.query(
        `update vector_indexes set state = 'active' where id = $1 and state <> 'active'`,
        [index.id],
      );
    });
  }
}

/** In the name of an index that is being dropped. */
const GIVEN_UP = `' dropped '`;

const lock = (transaction: EntityManager): Promise<unknown> =>
  transaction.query(`select pg_advisory_xact_lock(hashtext('vector-indexes'))`);

const toIndex = (row: IndexRow): VectorIndex => ({
  id: row.id,
  modelId: row.model_id,
  dimensions: row.dimensions,
});
