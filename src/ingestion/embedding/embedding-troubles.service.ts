import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { toAppError } from '../../common/http/to-app-error.js';
import { RemoteFailure } from '../../common/resilience/remote-failure.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { VectorService } from '../../vector/vector.service.js';
import type { VectorIndex } from '../../vector/vector.types.js';
import { EmbeddingBacklogRepository } from './embedding-backlog.repository.js';
import { Successors } from './successors.service.js';

const MOST_VERSIONS = 48;
/** Times that a version is refused, with growing pauses, before it is taken off the line. */
export const MOST_REFUSALS = 3;
/** What every encoder makes a vector of. */
const PROBE = 'Hello.';

/**
 * What to do when vectors could not be made. Whose fault it was shows when versions are tried one by one: one that
 * fails alone is put off, longer each time, so that it holds up nobody else; and where encoder and store are well
 * otherwise, it is given up in the end and stays a document that is found by words.
 */
@Injectable()
export class EmbeddingTroubles {
  private readonly logger = new Logger('Embedding');
  private most = MOST_VERSIONS;

  constructor(
    private readonly repository: EmbeddingBacklogRepository,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly successors: Successors,
  ) {}

  /** Versions to be claimed together: one after a failure, more again with each claim that succeeds. */
  get atOnce(): number {
    return this.most;
  }

  passed(): void {
    this.most = Math.min(MOST_VERSIONS, this.most * 2);
  }

  /**
   * Gives back what was claimed when it failed.
   * @throws the error where it is nobody's fault in particular: whoever goes on at once would only meet it again
   */
  async failed(
    index: VectorIndex,
    claimed: readonly string[],
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const [alone, ...others] = claimed;
    const byText = mayBeTheText(error);
    if (signal.aborted || alone === undefined || others.length > 0) {
      if (!signal.aborted) this.most = 1;
      await this.repository.release(claimed);
      if (signal.aborted || !byText) throw error;
      return;
    }
    const refused = await this.isRefusal(index, error, signal);
    const refusals = await this.repository.putOff(alone, refused);
    if (!refused) throw error;
    this.logger.warn({ err: error, version_id: alone }, 'the encoder refused a document');
    if (refusals < MOST_REFUSALS || !(await this.successors.showRefused(alone, index))) return;
    await this.repository.refuse(alone, index.id, this.explain(index, alone, error));
  }

  /** Whether what failed alone did so because of its text: the error may say so, and all else is well. */
  async isRefusal(index: VectorIndex, error: unknown, signal: AbortSignal): Promise<boolean> {
    return mayBeTheText(error) && (await this.allIsWell(index, signal));
  }

  /** Tells operators. @returns the reason for the document's readers */
  explain(index: VectorIndex, versionId: string, error: unknown): string {
    const detail = error instanceof AppError ? error.detail : 'It gave a vector that cannot be stored.';
    this.logger.error(
      { version_id: versionId, encoder: index.modelId },
      `a document is found by words only, because the encoder refuses a part of it: ${detail}`,
    );
    return detail;
  }

  private async allIsWell(index: VectorIndex, signal: AbortSignal): Promise<boolean> {
    try {
      await this.embeddings.embedPassages([PROBE], signal, index.modelId);
      await this.vectors.ping();
      return true;
    } catch {
      return false;
    }
  }
}

/** False for what speaks of a part that is down, overloaded or full. */
function mayBeTheText(error: unknown): boolean {
  if (error instanceof RemoteFailure) return !error.retry && !error.down;
  const { code, status } = toAppError(error);
  if (code === 'encoder_unavailable') return true;
  // Of what the database says, only that a value is none.
  if ((error as { driverError?: unknown } | null)?.driverError) return status === 400;
  return ![503, 507].includes(status);
}
