import type { Client } from 'pg';

/**
 * A database that only reads, as after a failover to a replica, and transactions that failed or took too long and that
 * nobody has ended: whatever such a connection is asked for next fails as well.
 */
const SPENT = new Set(['25006', '25P02', '25P03']);

/** What `pg` keeps of a connection; its types leave it out. */
interface Inner {
  connection: { on(event: 'errorMessage', listener: (error: { code?: string }) => void): void };
}

/** Ends a connection on which nothing can be done any more: the pool takes none back that is ending. */
export function endWhenSpent(client: Client): void {
  (client as unknown as Inner).connection.on('errorMessage', ({ code = '' }) => {
    if (SPENT.has(code)) client.end().catch(() => undefined);
  });
}
