import { AppError } from '../errors/app-error.js';
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

  test('whoever leaves while waiting keeps no place, and a slot is given back once', async () => {
    const slots = new Slots(1, 2, () => new AppError('too_many_requests', 'Full.'));
    const reason = new Error('left');
    const leave = await slots.enter();
    const leaving = new AbortController();
    const gone = Promise.allSettled([slots.enter(leaving.signal), slots.enter(leaving.signal)]);
    await expect(slots.enter()).rejects.toMatchObject({ code: 'too_many_requests' });
    leaving.abort(reason);
    expect(await gone).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await expect(slots.enter(leaving.signal)).rejects.toBe(reason);
    const [second, third] = [slots.enter(new AbortController().signal), slots.enter()];
    leave();
    leave();
    const leaveSecond = await second;
    const waited = await Promise.race([third, settled()]);
    expect(waited).toBeUndefined();
    leaveSecond();
    await third;
  });
});
