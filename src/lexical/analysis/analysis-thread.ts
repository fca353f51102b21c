import { workerUrl } from '../../common/worker-url.js';
import type { LexicalDocument } from '../lexical.types.js';
import { Thread, ThreadLost } from '../../common/threads/thread.js';
import type {
  AnalysedDocument,
  AnalysisTask,
  EncodedSegment,
  RetiredVersion,
  SegmentContents,
  StoredSegment,
} from './analysis.types.js';

const IDLE_MS = 30_000;

/** Analyses texts and merges segments, apart from the event loop and from the thread that answers queries. */
export class AnalysisThread {
  private readonly thread = new Thread<AnalysisTask>(workerUrl(import.meta.url, 'analysis.worker.js'), {
    idleMs: IDLE_MS,
  });

  /** One segment of these documents; `undefined` when none has a chunk. */
  segment(documents: readonly LexicalDocument[]): Promise<EncodedSegment | undefined> {
    return this.retried({ kind: 'segment', documents });
  }

  terms(documents: readonly LexicalDocument[]): Promise<AnalysedDocument[]> {
    return this.retried({ kind: 'terms', documents });
  }

  /** Takes the buffers over. `undefined` when everything in them was retired. */
  merge(
    segments: readonly StoredSegment[],
    retired: readonly RetiredVersion[],
  ): Promise<EncodedSegment | undefined> {
    const task: AnalysisTask = { kind: 'merge', segments, retired };
    return this.thread.run(
      task,
      segments.map(({ bytes }) => bytes),
    );
  }

  /** Takes the buffers over. `undefined` for each that is damaged or of another format. */
  contents(segments: readonly Omit<StoredSegment, 'last'>[]): Promise<(SegmentContents | undefined)[]> {
    return this.thread.run(
      { kind: 'contents', segments },
      segments.map(({ bytes }) => bytes),
    );
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  /** A thread may die of somebody else's document. */
  private async retried<Result>(task: AnalysisTask): Promise<Result> {
    try {
      return await this.thread.run<Result>(task);
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      return await this.thread.run<Result>(task);
    }
  }
}
