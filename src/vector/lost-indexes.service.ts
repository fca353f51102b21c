import { Injectable, Logger } from '@nestjs/common';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import type { VectorIndex } from './vector.types.js';

/**
 * Indexes that the store has nothing of, although vectors were stored: somebody emptied it, or it is another one.
 * What is noted is told by the table, to every process; whoever listens here has it made again.
 */
@Injectable()
export class LostIndexes {
  private readonly logger = new Logger('Vectors');
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly indexes: VectorIndexesRepository) {}

  /** Called each time that an index was found to be lost. */
  onNoted(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * To be called before an index is made where the store has none. Only of the index that answers: others are compared
   * before they do. @returns false where nothing was stored in it yet, so that nothing is lost
   */
  async note(index: VectorIndex): Promise<boolean> {
    const isNoted = await this.indexes.noteLost(index);
    if (isNoted) {
      this.logger.error(
        `the vector store has lost the index ${index.id} (${index.modelId}); it is made again, and queries do without it until then`,
      );
      this.tell();
    }
    return isNoted;
  }

  /** Of an index whose vectors stood in another store: it is noted already. */
  noted(index: VectorIndex): void {
    this.logger.warn(
      `the index ${index.id} (${index.modelId}) takes the place of one in another store; queries do without it until it is whole`,
    );
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
