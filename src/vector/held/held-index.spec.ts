import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { uuidBytes } from '../../common/search/uuid-bytes.js';
import type { VectorIndex } from '../vector.types.js';
import { VectorLog, type VectorPage } from '../vector-log.port.js';
import { HeldIndex, type HeldOptions } from './held-index.js';

const DIMENSIONS = 32;
const COLLECTION = randomUUID();
const index: VectorIndex = { id: randomUUID(), modelId: 'some', dimensions: DIMENSIONS };
const probe = new Float32Array(DIMENSIONS).fill(1);
const all = { topK: 10_000, collectionIds: [COLLECTION] };

interface Hold {
  asked: () => void;
  goOn: Promise<void>;
}

/** So many vectors of as many versions; an answer can be kept back. */
class FakeLog extends VectorLog {
  private readonly ids: Buffer[] = [];
  private readonly held: Record<'page' | 'retirement', Hold[]> = { page: [], retirement: [] };

  /** @returns the versions */
  write(rows: number): string[] {
    return Array.from({ length: rows }, () => {
      const versionId = randomUUID();
      const ids = [randomUUID(), versionId, randomUUID(), COLLECTION];
      this.ids.push(Buffer.concat(ids.map((id) => uuidBytes(id)!)));
      return versionId;
    });
  }

  /** The next one that is asked for is read, and does not come until it is let go. */
  hold(what: 'page' | 'retirement'): { asked: Promise<void>; goOn: () => void } {
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    this.held[what].push({ asked: asked.resolve, goOn: goOn.promise });
    return { asked: asked.promise, goOn: goOn.resolve };
  }

  async vectorsAfter(_: VectorIndex, sequence: number, limit: number): Promise<VectorPage> {
    const found = this.ids.slice(sequence, sequence + limit);
    await this.wait('page');
    return {
      ids: new Uint8Array(Buffer.concat(found)),
      vectors: new Float32Array(found.length * DIMENSIONS).fill(1),
      rows: found.length,
      read: found.length,
      sequence: sequence + found.length,
    };
  }

  async newestRetirement(): Promise<number> {
    await this.wait('retirement');
    return 0;
  }

  retiredAfter(): Promise<{ versionIds: string[]; sequence: number }> {
    return Promise.resolve({ versionIds: [], sequence: 0 });
  }

  buildGraph(): Promise<void> {
    return Promise.resolve();
  }

  private async wait(what: 'page' | 'retirement'): Promise<void> {
    const hold = this.held[what].shift();
    hold?.asked();
    await hold?.goOn;
  }
}

async function killThread(held: HeldIndex): Promise<void> {
  const { worker } = held['thread'] as unknown as { worker: Worker };
  const ended = once(worker, 'exit');
  await worker.terminate();
  await ended;
}

describe('an index in the memory of a thread', () => {
  let held: HeldIndex;
  const open = (log: FakeLog, options: Partial<HeldOptions> = {}): HeldIndex =>
    (held = new HeldIndex(index, log, { shared: true, maxBytes: 2 ** 30, pollMs: 3_600_000, ...options }));
  afterEach(() => held.close());

  test('is loaded whole when the thread dies while what others wrote is being read', async () => {
    const log = new FakeLog();
    log.write(1000);
    open(log);
    await held.loaded();
    log.write(5);
    const page = log.hold('page');
    const asked = held.query(probe, all);
    await page.asked;
    const reloading = log.hold('retirement');
    await killThread(held);
    await reloading.asked;
    // The page comes before the new thread is loaded, and is none of its business.
    page.goOn();
    await sleep(50);
    reloading.goOn();
    expect(await asked).toBeUndefined();
    await held.loaded();
    expect(await held.query(probe, all)).toHaveLength(1005);
  });

  test('has what was removed and written again while it was being loaded', async () => {
    const log = new FakeLog();
    const [versionId = ''] = log.write(1);
    const loading = log.hold('page');
    open(log);
    await loading.asked;
    await held.removeVersions([versionId]);
    const ids = { chunkId: randomUUID(), versionId, documentId: randomUUID(), collectionId: COLLECTION };
    await held.add([{ ...ids, vector: probe }]);
    loading.goOn();
    await held.loaded();
    expect(await held.query(probe, all)).toHaveLength(1);
  });

  test.each([true, false])('is not held where one memory cannot have it (shared: %s)', async (shared) => {
    const log = new FakeLog();
    log.write(2000);
    let tooLarge = 0;
    open(log, { shared, mostBytes: 100_000, onTooLarge: () => tooLarge++ });
    await held.loaded();
    expect([tooLarge, held.bytes, held['thread'].running]).toEqual([1, 0, false]);
    expect(await held.query(probe, all)).toBeUndefined();
  });

  test('is given up when what is added does not fit any more, and nobody is refused for it', async () => {
    const log = new FakeLog();
    let tooLarge = 0;
    open(log, { shared: false, mostBytes: 100_000, onTooLarge: () => tooLarge++ });
    await held.loaded();
    const record = () => ({
      chunkId: randomUUID(),
      versionId: randomUUID(),
      documentId: randomUUID(),
      collectionId: COLLECTION,
      vector: probe,
    });
    await held.add(Array.from({ length: 500 }, record));
    expect(await held.query(probe, all)).toHaveLength(500);
    const asked = [
      held.query(probe, all),
      held.add(Array.from({ length: 2000 }, record)),
      held.query(probe, all),
    ];
    expect((await Promise.all(asked)).at(-1)).toBeUndefined();
    await held.add([record()]);
    expect(await held.query(probe, all)).toBeUndefined();
    expect(tooLarge).toBe(1);
  });
});
