import { workerUrl } from '../../common/worker-url.js';
import type { LexicalDocument } from '../lexical.types.js';
import { Thread, ThreadLost } from '../../common/threads/thread.js';
import { documentParts } from './document-parts.js';
import {
  INCOMPLETE,
  type AnalysedDocument,
  type AnalysisTask,
  type EncodedSegment,
  type RetiredVersion,
  type SegmentContents,
  type StoredSegment,
} from './analysis.types.js';

const IDLE_MS = 30_000;

/** Analyses texts and merges segments, apart from the event loop and from the thread that answers queries. */
export class AnalysisThread {
  private readonly thread = new Thread<AnalysisTask>(workerUrl(import.meta.url, 'analysis.worker.js'), {
    idleMs: IDLE_MS,
  });

  private lastKey = 0;

  /** One segment of these documents; `undefined` when none has a chunk. */
  segment(documents: readonly LexicalDocument[]): Promise<EncodedSegment | undefined> {
    return this.retried(() => this.sendSegment(documents));
  }

  /** In several messages where there is much: others have their turn in between. */
  private async sendSegment(documents: readonly LexicalDocument[]): Promise<EncodedSegment | undefined> {
    const parts = documentParts(documents);
    const last = parts.pop() ?? [];
    const key = ++this.lastKey;
    for (const part of parts) await this.thread.run({ kind: 'part', key, documents: part });
    const result = await this.thread.run<EncodedSegment | typeof INCOMPLETE | undefined>({
      kind: 'segment',
      documents: last,
      ...(parts.length > 0 && { parts: { key, before: parts.length } }),
    });
    if (result === INCOMPLETE) throw new ThreadLost('the thread ended between two parts');
    return result;
  }

  terms(documents: readonly LexicalDocument[]): Promise<AnalysedDocument[]> {
    return this.retried(() => this.thread.run({ kind: 'terms', documents }));
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
  private async retried<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      return await work();
    }
  }
}
