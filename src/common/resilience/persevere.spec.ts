import { persevere } from './persevere.js';

describe('persevere', () => {
  const failing = (times: number) => {
    const made: string[] = [];
    const attempt = (): Promise<void> => {
      made.push('attempt');
      return made.length <= times ? Promise.reject(new Error(`no ${made.length}`)) : Promise.resolve();
    };
    return { made, attempt };
  };

  test('tries again until it succeeds', async () => {
    const { made, attempt } = failing(2);
    const told: string[] = [];
    const failed = ({ message }: Error) => Promise.resolve(told.push(message) > 0);
    await persevere(new AbortController().signal, { attempt, failed, pauseMs: 1 });
    expect(made).toHaveLength(3);
    expect(told).toEqual(['no 1', 'no 2']);
  });

  test('stops where another attempt is not worth it', async () => {
    const { made, attempt } = failing(9);
    const failed = () => Promise.resolve(made.length < 2);
    await persevere(new AbortController().signal, { attempt, failed, pauseMs: 1 });
    expect(made).toHaveLength(2);
  });

  test('an abort ends the pause, and is no failure', async () => {
    const { made, attempt } = failing(9);
    const stop = new AbortController();
    const failed = () => {
      setImmediate(() => stop.abort());
      return Promise.resolve(true);
    };
    await persevere(stop.signal, { attempt, failed, pauseMs: 600_000 });
    expect(made).toHaveLength(1);

    const running = new AbortController();
    const told: unknown[] = [];
    await persevere(running.signal, {
      attempt: () => {
        running.abort();
        return Promise.reject(new Error('aborted'));
      },
      failed: (reason) => Promise.resolve(told.push(reason) > 0),
      pauseMs: 1,
    });
    expect(told).toEqual([]);
  });

  test('a failure that cannot be told is thrown', async () => {
    const { attempt } = failing(9);
    const failed = () => Promise.reject(new Error('nobody listens'));
    await expect(persevere(new AbortController().signal, { attempt, failed, pauseMs: 1 })).rejects.toThrow(
      'nobody listens',
    );
  });
});
