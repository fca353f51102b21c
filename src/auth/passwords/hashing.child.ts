import argon2 from 'argon2';
import type { HashingReply, HashingRequest, HashingTask } from './hashing.types.js';

/** Hashes for the process that started this one, and ends with it: the channel between them is all that keeps it. */
const run = (task: HashingTask): Promise<string | boolean> =>
  task.kind === 'hash'
    ? argon2.hash(task.password, { ...task.cost, type: argon2.argon2id })
    : argon2.verify(task.hash, task.password);

const send = (reply: HashingReply): void => {
  // Nobody may be left to hear it.
  if (process.connected) process.send?.(reply);
};

process.on('message', ({ id, task }: HashingRequest) => {
  run(task).then(
    (result) => send({ id, result }),
    (error: unknown) => send({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
