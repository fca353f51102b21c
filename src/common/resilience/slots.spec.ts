import { Slots } from './slots.js';

/** A task that ends when it is told to. */
function held(): { task: () => Promise<string>; finish: () => void; started: () => boolean } {
  let finish = (): void => undefined;
  let started = false;
  const done = new Promise<string>((resolve) => (finish = () => resolve('done')));
  const task = (): Promise<string> => ((started = true), done);
  return { task, finish: () => finish(), started: () => started };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  test('run so many at a time, in the order of asking', async () => {
    const slots = new Slots(2, 2);
    const tasks = [held(), held(), held(), held()];
    const results = tasks.map(({ task }) => slots.run(task));
    expect(tasks.map((task) => task.started())).toEqual([true, true, false, false]);
    tasks[1]?.finish();
    await settled();
    expect(tasks.map((task) => task.started())).toEqual([true, true, true, false]);
    for (const task of tasks) task.finish();
    expect(await Promise.all(results)).toEqual(Array(4).fill('done'));
  });

  test('past the queue, turn away at once with a time to come back', async () => {
    const slots = new Slots(1, 1);
    const [first, second] = [held(), held()];
    const results = [slots.run(first.task), slots.run(second.task)];
    await expect(slots.run(held().task)).rejects.toMatchObject({
      code: 'service_unavailable',
      retryAfter: 2,
    });
    first.finish();
    second.finish();
    await Promise.all(results);
    expect(await slots.run(() => Promise.resolve('free again'))).toBe('free again');
  });

  test('a task that fails gives its slot back', async () => {
    const slots = new Slots(1, 1);
    const failing = slots.run(() => Promise.reject(new Error('no')));
    const next = slots.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
