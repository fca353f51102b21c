// Accounts to sign in with, and addresses to do it from.
import { randomBytes, randomUUID } from 'node:crypto';
import { send } from './sessions.mjs';

/** Every limit counts, and none is met: what counting costs is part of what is measured. */
export const COUNTED_ONLY = ['general', 'address', 'auth', 'expensive']
  .map((name) => `${name}=1000000000/1m`)
  .join();

export const newAccount = () => ({
  email: `${randomUUID()}@example.com`,
  password: `Vq7-${randomBytes(18).toString('base64url')}`,
});
/** A client behind a proxy of its own; the servers here trust one. */
let clients = 0;
export const address = () => {
  clients++;
  return { 'x-forwarded-for': `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}` };
};

export async function register(base) {
  const account = newAccount();
  const { status, body } = await send(base, '/auth/register', { method: 'POST', body: account });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return account;
}

/** Runs `task` from so many lanes until the time is over; how often it was done per second. */
export async function rate(lanes, seconds, task) {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let done = 0;
  const lane = async (index) => {
    while (performance.now() < until) {
      await task(index);
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return done / ((performance.now() - startedAt) / 1000);
}
