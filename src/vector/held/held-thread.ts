import { Thread } from '../../common/threads/thread.js';
import { workerUrl } from '../../common/worker-url.js';
import type { HeldTask } from './held.types.js';

/** The thread that holds the vectors of one index in memory. */
export class HeldThread extends Thread<HeldTask> {
  /** `onLost`: the thread died; the next one starts empty. */
  constructor(onLost: (error: Error) => void) {
    super(workerUrl(import.meta.url, './held.worker.js'), { onLost });
  }
}
