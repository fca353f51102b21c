import { serve, type Answer } from '../../common/threads/thread-port.js';
import { SearchIndex } from './held/search-index.js';
import { memoryOf, type PackedHits } from './packed-hits.js';
import { Search } from './search.js';
import type { SearchTask } from './search.types.js';

const index = new SearchIndex();
const search = new Search(index);

const packed = (hits: PackedHits): Answer => ({ result: hits, transfer: memoryOf(hits) });

const handle = (task: SearchTask): Answer => {
  switch (task.kind) {
    case 'clear':
      return { result: index.clear() };
    case 'apply':
      return { result: index.apply(task.items) };
    case 'ranges':
      return { result: index.ranges };
    case 'adopt':
      return { result: index.adopt(task.item) };
    case 'query':
      return packed(search.query(task.text, task.query));
    case 'scores': {
      const scores = search.scores(task.text, task.ids, task.level, task.language);
      return { result: scores, transfer: [scores.buffer as ArrayBuffer] };
    }
    case 'count':
      return { result: index.totals.chunks };
    default:
      return { result: index.missing(task.versionIds) };
  }
};

serve(handle);
