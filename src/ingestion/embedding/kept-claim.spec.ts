import { setTimeout as sleep } from 'node:timers/promises';
import { keeping } from './kept-claim.js';

describe('keeping a claim', () => {
  it('extends it while the work goes on, and not any more when it has ended', async () => {
    let extended = 0;
    let enough: () => void;
    const thrice = new Promise<void>((resolve) => (enough = resolve));
    const extend = async (): Promise<void> => {
      if (++extended === 3) enough();
      await Promise.resolve();
    };
    expect(await keeping(extend, 5, () => thrice.then(() => 'done'))).toBe('done');
    const then = extended;
    await sleep(50);
    expect(extended).toBe(then);
  });

  it('waits for an extension that is under way before it tells how the work ended', async () => {
    let under = 0;
    const extend = async (): Promise<void> => {
      under++;
      await sleep(30);
      under--;
    };
    const work = async (): Promise<never> => {
      while (under === 0) await sleep(1);
      throw new Error('failed');
    };
    await expect(keeping(extend, 5, work)).rejects.toThrow('failed');
    expect(under).toBe(0);
  });

  it('goes on working where it could not be extended', async () => {
    const extend = (): Promise<void> => Promise.reject(new Error('no database'));
    expect(await keeping(extend, 2, () => sleep(20, 'done'))).toBe('done');
  });
});
