import { SharedRun } from './shared-run.js';

/** Work that ends when it is told to, and counts. */
function work() {
  const ends: ((result: number | Error) => void)[] = [];
  const run = (): Promise<number> =>
    new Promise((resolve, reject) =>
      ends.push((result) => (typeof result === 'number' ? resolve(result) : reject(result))),
    );
  return { ends, run };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('calls that come before a run begins share it, those that come later get the next one', async () => {
  const { ends, run } = work();
  const shared = new SharedRun(run);
  const early = [shared.run(), shared.run()];
  await turn();
  const late = [shared.run(), shared.run()];
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]!(1);
  await expect(Promise.all(early)).resolves.toEqual([1, 1]);
  await turn();
  expect(ends).toHaveLength(2);
  ends[1]!(2);
  await expect(Promise.all(late)).resolves.toEqual([2, 2]);
});

test('a run that fails fails for those that share it, and the next one begins all the same', async () => {
  const { ends, run } = work();
  const shared = new SharedRun(run);
  const early = shared.run();
  await turn();
  const late = shared.run();
  ends[0]!(new Error('gone'));
  await expect(early).rejects.toThrow('gone');
  await turn();
  ends[1]!(2);
  await expect(late).resolves.toBe(2);
});

test('tells when the run under way has ended, however it did', async () => {
  const { ends, run } = work();
  const shared = new SharedRun(run);
  await shared.ended();
  const failing = shared.run();
  await turn();
  let ended = false;
  const waiting = shared.ended().then(() => (ended = true));
  await turn();
  expect(ended).toBe(false);
  ends[0]!(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  await waiting;
});
