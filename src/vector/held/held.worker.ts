import { serve, type Answer } from '../../common/threads/thread-port.js';
import { memoryOf, type HeldHits } from './held-hits.js';
import { HeldVectors } from './held-vectors.js';
import type { HeldTask } from './held.types.js';

let held: HeldVectors | undefined;

const opened = (): HeldVectors => {
  if (held === undefined) throw new Error('no index is open');
  return held;
};

const moved = (hits: HeldHits): Answer => ({ result: hits, transfer: [memoryOf(hits)] });

const handle = (task: HeldTask): Answer => {
  switch (task.kind) {
    case 'open':
      held = new HeldVectors(task.dimensions, task.mostBytes);
      return { result: held.size };
    case 'add':
      opened().add(task.batch);
      return { result: opened().size };
    case 'removeVersions':
      opened().removeVersions(task.versionIds);
      return { result: opened().size };
    case 'query':
      return moved(opened().query(task.vector, task.query, task.feedback));
    case 'vectors':
      return { result: opened().vectors(task.chunkIds) };
    default:
      return moved(opened().scores(task.vector, task.chunkIds));
  }
};

serve(handle);
