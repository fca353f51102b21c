import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const derived = new AsyncLocalStorage<() => string>();

/**
 * The id of something that a request creates. Random, except where the request may come again: then the n-th id
 * is the same each time, so that doing it again finds what was done before instead of making it twice.
 */
export const newId = (): string => derived.getStore()?.() ?? randomUUID();

/** Runs `work` with ids from `next`. */
export const withIds = <T>(next: () => string, work: () => T): T => derived.run(next, work);
