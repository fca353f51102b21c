import { workerUrl } from '../../../common/worker-url.js';
import { Thread } from '../../../common/threads/thread.js';
import type { SearchTask } from '../../engine/search.types.js';

/** The thread that holds the index in memory and answers queries, one at a time. */
export class SearchThread extends Thread<SearchTask> {
  /** `onLost`: the thread died; the next one starts empty. */
  constructor(onLost: (error: Error) => void) {
    super(workerUrl(import.meta.url, '../../engine/search.worker.js'), { onLost });
  }
}
