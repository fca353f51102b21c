import { Together } from './together.js';

describe('Together', () => {
  it('runs what comes meanwhile in one go, each with its own result', async () => {
    const batches: number[][] = [];
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const doubled = new Together<number, number>(async (items) => {
      batches.push([...items]);
      await held;
      return items.map((item) => item * 2);
    }, 3);
    const first = doubled.run(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    // The first one is under way, and stays so until all others have come.
    expect(batches).toEqual([[1]]);
    const rest = [2, 3, 4, 5].map((item) => doubled.run(item));
    finish();
    expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('tells a failure to those who share it, and goes on', async () => {
    let calls = 0;
    const failing = new Together<string, string>((items) =>
      calls++ === 0 ? Promise.reject(new Error('once')) : Promise.resolve(items),
    );
    await expect(Promise.all([failing.run('a'), failing.run('b')])).rejects.toThrow('once');
    expect(await failing.run('c')).toBe('c');
  });
});
