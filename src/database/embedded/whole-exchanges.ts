import type { PGlite } from '@electric-sql/pglite';
import { KeptStatements } from './kept-statements.js';

const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const FUNCTION_CALL = 'F'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const FLUSH = 'H'.charCodeAt(0);
const COPY_DONE = 'c'.charCodeAt(0);
const COPY_FAIL = 'f'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);
/** A start-up packet begins with its length, whose first byte is zero. */
const STARTUP = 0;
const LAST = new Set([SIMPLE_QUERY, FUNCTION_CALL, SYNC, COPY_DONE, COPY_FAIL, TERMINATE, STARTUP]);

/** Whether something is answered after a message of this kind. */
export const endsExchange = (kind: number): boolean => LAST.has(kind) || kind === FLUSH;

/**
 * The engine as the socket server has to see it. That server lets connections take turns after every protocol
 * message unless the engine says that a transaction is open. All connections share one session, so between
 * `Parse` and `Bind` another connection would replace the unnamed statement, and a query would run the SQL of
 * another one. An exchange that has begun therefore counts as a transaction until its `Sync`.
 *
 * Its messages are kept until then and run in one call, and what they answer is sent in one piece: one entry
 * into the engine and one write instead of five of each. What was sent before is neither parsed nor planned again.
 */
export function wholeExchanges(engine: PGlite): PGlite {
  const statements = new KeptStatements();
  let kept: Uint8Array[] = [];
  const send = async (
    bytes: Uint8Array,
    options: Parameters<PGlite['execProtocolRawStream']>[1] | undefined,
  ): Promise<Buffer> => {
    const answers: Buffer[] = [];
    // The engine reuses its buffer between calls of the listener.
    const onRawData = (data: Uint8Array): unknown => answers.push(Buffer.from(data));
    await engine.runExclusive(() => engine.execProtocolRawStream(bytes, { ...options, onRawData }));
    return answers.length === 1 ? answers[0]! : Buffer.concat(answers);
  };
  const run: PGlite['execProtocolRawStream'] = async (message, options) => {
    kept.push(message);
    if (!endsExchange(message[0]!)) return;
    const messages = kept;
    kept = [];
    const substitute = statements.substitute(messages);
    const answer =
      (substitute && substitute.answer(await send(substitute.bytes, options))) ??
      (await send(messages.length === 1 ? message : Buffer.concat(messages), options));
    if (answer.length > 0) options?.onRawData?.(answer);
  };
  const overrides: Partial<Record<PropertyKey, unknown>> = {
    isInTransaction: () => kept.length > 0 || engine.isInTransaction(),
    execProtocolRawStream: run,
    // The server asks for the engine for each message, one after the other; only the last needs it.
    runExclusive: (work: () => Promise<unknown>) => work(),
    // How the server rolls back for a connection that broke off.
    exec: (...args: Parameters<PGlite['exec']>) => {
      kept = [];
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
