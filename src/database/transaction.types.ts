import type { EntityManager } from 'typeorm';

/** An open transaction. Keep it short: in the embedded database every other query waits for it. */
export type Transaction = EntityManager;
