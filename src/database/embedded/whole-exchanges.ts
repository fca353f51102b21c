import type { PGlite } from '@electric-sql/pglite';

const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const FUNCTION_CALL = 'F'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const COPY_DONE = 'c'.charCodeAt(0);
const COPY_FAIL = 'f'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);
/** A start-up packet begins with its length, whose first byte is zero. */
const STARTUP = 0;
const LAST = new Set([SIMPLE_QUERY, FUNCTION_CALL, SYNC, COPY_DONE, COPY_FAIL, TERMINATE, STARTUP]);

/**
 * The engine as the socket server has to see it. That server lets connections take turns after every protocol
 * message unless the engine says that a transaction is open. All connections share one session, so between
 * `Parse` and `Bind` another connection would replace the unnamed statement, and a query would run the SQL of
 * another one. An exchange that has begun therefore counts as a transaction until its `Sync`.
 */
export function wholeExchanges(engine: PGlite): PGlite {
  let open = false;
  const overrides: Partial<Record<PropertyKey, unknown>> = {
    isInTransaction: () => open || engine.isInTransaction(),
    execProtocolRawStream: (...[message, options]: Parameters<PGlite['execProtocolRawStream']>) => {
      open = !LAST.has(message[0]!);
      return engine.execProtocolRawStream(message, options);
    },
    // How the server rolls back for a connection that broke off.
    exec: (...args: Parameters<PGlite['exec']>) => {
      open = false;
      return engine.exec(...args);
    },
  };
  return new Proxy(engine, {
    get(target, property) {
      if (property in overrides) return overrides[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
