import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { VectorIndex } from './vector.types.js';

/**
 * Indexes that the store has nothing of, although vectors were stored there: somebody emptied it, or it is another one.
 * What is noted is told by the table, to every process; whoever listens here has it made again.
 */
@Injectable()
export class LostIndexes {
  private readonly logger = new Logger('Vectors');
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly source: DataSource) {}

  /** Called each time that an index was found to be lost. */
  onNoted(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * To be called before an index is made where the store has none. Only of the index that answers: others are compared
   * before they do. @returns false where nothing was stored in it yet, so that nothing is lost
   */
  async note(index: VectorIndex): Promise<boolean> {
    const [row] = await this.source.query<{ id: string }[]>(
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
    if (row) {
      this.logger.error(
        `the vector store has lost the index ${index.id} (${index.modelId}); it is made again, and queries do without it until then`,
      );
      for (const listener of this.listeners) listener();
    }
    return row !== undefined;
  }
}
