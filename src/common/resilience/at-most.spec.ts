import { jest } from '@jest/globals';
import { atMost } from './at-most.js';

describe('waiting for work at the end', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is over with the last of it, however it ends', async () => {
    const done: string[] = [];
    const work = [
      Promise.resolve().then(() => done.push('first')),
      Promise.reject(new Error('it failed')),
      new Promise<void>((resolve) => {
        setTimeout(() => {
          done.push('last');
          resolve();
        }, 500);
      }),
    ];
    const waited = atMost(1000, work);
    await jest.advanceTimersByTimeAsync(500);
    await waited;
    expect(done).toEqual(['first', 'last']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is over without what does not come', async () => {
    const waited = atMost(1000, [new Promise(() => undefined), Promise.resolve()]);
    const over = jest.fn();
    void waited.then(over);
    await jest.advanceTimersByTimeAsync(999);
    expect(over).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalled();
  });
});
