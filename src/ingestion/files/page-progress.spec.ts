import { setTimeout as sleep } from 'node:timers/promises';
import { PageProgress } from './page-progress.js';

describe('the count of pages that were read', () => {
  it('is written once for many pages, and never two at a time', async () => {
    const written: number[] = [];
    let writing = 0;
    const progress = new PageProgress(async ({ done }) => {
      expect(++writing).toBe(1);
      await sleep(20);
      written.push(done);
      writing--;
    });
    for (let done = 1; done <= 500; done++) progress.note({ done, total: 500 });
    while (written.length === 0) await sleep(10);
    expect(written).toEqual([500]);
    progress.note({ done: 500, total: 500 });
    await progress.end();
    const before = written.length;
    progress.note({ done: 500, total: 500 });
    await sleep(30);
    expect(written).toHaveLength(before);
  });

  it('harms nobody when it cannot be written', async () => {
    let attempts = 0;
    const progress = new PageProgress(() => {
      attempts++;
      return Promise.reject(new Error('the database is away'));
    });
    progress.note({ done: 1, total: 2 });
    while (attempts === 0) await sleep(10);
    await progress.end();
  });
});
