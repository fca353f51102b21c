import type { Socket } from 'node:net';
import { Client } from 'pg';

const LOOK_MS = 5_000;
/** A connection and a query of the watch itself. */
const ASK_MS = 10_000;
/** Looks in a row that find no work behind a query: one may meet the moment at which its answer is under way. */
const STRIKES = 2;
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** What `pg` keeps of a connection; its types leave it out. */
interface Inner {
  ['_activeQuery']: object | null;
  connection: { stream: Socket };
}

interface Seen {
  /** The process behind the connection; null where a pooler stands between, undefined until it is known. */
  pid: number | null | undefined;
  query: object | null;
  strikes: number;
}

/**
 * Ends connections whose query nobody works on: a host that lost its power, a network that drops every packet, or a
 * proxy that lost the database behind it leaves them waiting for ever, and keepalive says nothing while something is
 * under way or the proxy still answers. A query that waits long is looked up in the database by a connection of its own.
 */
export class ConnectionWatch {
  private readonly watched = new Map<Client, Seen>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  /** @param lookMs milliseconds between two looks */
  constructor(private readonly lookMs = LOOK_MS) {}

  /** For a new connection, before anything else is asked of it. */
  async add(client: Client): Promise<void> {
    const seen: Seen = { pid: undefined, query: null, strikes: 0 };
    this.watched.set(client, seen);
    client.once('end', () => this.remove(client));
    this.timer ??= setInterval(() => void this.look(), this.lookMs).unref();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const told = (client as unknown as { processID: number | null }).processID;
    seen.pid = told === rows[0]?.pid ? told : null;
  }

  private remove(client: Client): void {
    this.watched.delete(client);
    if (this.watched.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const waiting = [...this.watched].filter(([client, seen]) => stillWaiting(client, seen));
    const idle = await idlePids(waiting).finally(() => {
      this.looking = false;
    });
    if (!idle) return;
    for (const [client, seen] of waiting) {
      if (inner(client)['_activeQuery'] !== seen.query) continue;
      const lost = idle === 'all' || seen.pid === undefined || (seen.pid !== null && idle.has(seen.pid));
      seen.strikes = lost ? seen.strikes + 1 : 0;
      if (seen.strikes >= STRIKES) inner(client).connection.stream.destroy();
    }
  }
}

const inner = (client: Client): Inner => client as unknown as Inner;

/** Whether it has the query that it had at the last look. */
function stillWaiting(client: Client, seen: Seen): boolean {
  const query = inner(client)['_activeQuery'];
  const same = query !== null && query === seen.query;
  if (!same) Object.assign(seen, { query, strikes: 0 });
  return same;
}

/** Those of the processes that do nothing; `all` where the database cannot be reached, nothing where nobody knows. */
async function idlePids(waiting: [Client, Seen][]): Promise<Set<number> | 'all' | undefined> {
  const [first] = waiting;
  if (!first) return undefined;
  const { host, port, user, password, database, ssl } = first[0];
  const asking = new Client({
    host,
    port,
    user,
    password,
    database,
    ssl,
    application_name: 'ai-backend',
    connectionTimeoutMillis: ASK_MS,
    query_timeout: ASK_MS,
  });
  asking.on('error', () => undefined);
  const pids = waiting.flatMap(([, { pid }]) => pid ?? []);
  try {
    await asking.connect();
    const { rows } = await asking.query<{ pid: number }>(
      `select pid from unnest($1::int[]) pid
       where not exists (select from pg_stat_activity a where a.pid = pid.pid and coalesce(a.state, '') not like 'idle%')`,
      [pids],
    );
    asking.end().catch(() => undefined);
    return new Set(rows.map(({ pid }) => pid));
  } catch (error) {
    inner(asking).connection.stream.destroy();
    const { code } = error as { code?: string };
    // Whatever the server says, and what this process lacks, tells nothing about the others.
    return code === undefined || UNREACHABLE.has(code) ? 'all' : undefined;
  }
}
