import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../src/config/load-settings.js';
import { withDataSource } from '../../src/database/data-source.js';
import { JobQueue } from '../../src/jobs/job-queue.service.js';
import { JobsRepository } from '../../src/jobs/jobs.repository.js';
import { JobDead } from '../../src/jobs/jobs.types.js';
import { newDataDir } from '../support/app.js';

const QUEUE = 'test.batch';
type Fate = 'ends well' | 'fails' | 'is dead' | 'is cancelled';

async function until(probe: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await probe());) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('jobs that are taken together run side by side and end each in its own way', async () => {
  const dataDir = newDataDir();
  try {
    const settings = loadSettings({ DATA_DIR: dataDir }, '0.0.0-test');
    await withDataSource(settings, async (source) => {
      const queue = new JobQueue(source, new JobsRepository(source), settings);
      const begun: Fate[] = [];
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      queue.define<{ fate: Fate }>({
        name: QUEUE,
        retries: 5,
        expireSeconds: 60,
        batch: 8,
        run: async ({ fate }, { signal }) => {
          begun.push(fate);
          await opened;
          if (fate === 'fails') throw new Error('the store is down');
          if (fate === 'is dead') throw new JobDead('nobody can read it');
          if (fate === 'is cancelled') signal.throwIfAborted();
        },
      });
      await queue.onModuleInit();
      try {
        await queue.onApplicationBootstrap();
        const ids = new Map<Fate, string>();
        for (const fate of ['ends well', 'fails', 'is dead', 'is cancelled'] as const)
          ids.set(fate, randomUUID());
        const jobs = [...ids].map(([fate, id]) => ({ id, data: { fate } }));
        await source.transaction((tx) => queue.enqueueInTurn(tx, QUEUE, 'somebody', jobs));
        queue.wake(QUEUE);
        // With one worker: none of them waits for another.
        await until(() => Promise.resolve(begun.length === ids.size));
        await queue.cancel(QUEUE, [ids.get('is cancelled')!]);
        open();
        const found = async (fate: Fate) => queue.find(ids.get(fate)!);
        // Those that ended alike are settled together, one kind after the other.
        await until(async () =>
          (await Promise.all([...ids.keys()].map(found))).every((job) => job?.state !== 'active'),
        );
        expect(await found('ends well')).toMatchObject({ state: 'completed', error: null });
        expect(await found('fails')).toMatchObject({ state: 'retry', error: 'the store is down' });
        expect(await found('is dead')).toMatchObject({ state: 'failed', error: 'nobody can read it' });
        expect(await found('is cancelled')).toMatchObject({ state: 'cancelled' });
      } finally {
        await queue.beforeApplicationShutdown();
      }
    });
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}, 60_000);
