const PARSE = 'P'.charCodeAt(0);
const BIND = 'B'.charCodeAt(0);
const DESCRIBE = 'D'.charCodeAt(0);
const EXECUTE = 'E'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);
const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const PARSE_COMPLETE = '1'.charCodeAt(0);
const BIND_COMPLETE = '2'.charCodeAt(0);
const NO_DATA = 'n'.charCodeAt(0);
const ERROR = 'E'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

const PARSED = Buffer.from([PARSE_COMPLETE, 0, 0, 0, 4]);
/** A portal without a name: its description, all of its rows, and the end of the exchange. */
const RUN = Buffer.concat([
  Buffer.from([DESCRIBE, 0, 0, 0, 6, 'P'.charCodeAt(0), 0]),
  Buffer.from([EXECUTE, 0, 0, 0, 9, 0, 0, 0, 0, 0]),
  Buffer.from([SYNC, 0, 0, 0, 4]),
]);
/** Statements whose text may be sent as one with a plan: one statement each, with an answer like that of any other. */
const PLANNED = /^\s*(?:with|select|insert|update|delete)\b[^;]*$/i;
/** The plan does not fit any more, or the name is not what it was taken for. */
const STALE = new Set(['0A000', '26000', '42P05']);

/** The first time a text is only remembered: many are never sent again. */
const KEPT_FROM = 2;
const MOST_SEEN = 2000;
const MOST_KEPT = 300;

interface Statement {
  uses: number;
  /** Set while the engine knows it. */
  name: string | undefined;
}

/** What to send to the engine instead of an exchange. */
export interface Substitute {
  bytes: Buffer;
  /** What the client is to be answered; undefined where nothing was done and the exchange has to be sent as it was. */
  answer(raw: Buffer): Buffer | undefined;
}

/**
 * Spares the engine to parse and plan what it was sent before. All connections share one session and so its prepared
 * statements, which is why no client may name any; here they get names behind the clients' backs. What a change of
 * the schema makes of a plan, the engine sees by itself.
 */
export class KeptStatements {
  private readonly seen = new Map<string, Statement>();
  private names = 0;
  /** How many have a name. */
  private kept = 0;

  /** @param messages of one exchange, in order */
  substitute(messages: readonly Uint8Array[]): Substitute | undefined {
    const [first, second] = messages;
    if (first === undefined) return undefined;
    if (messages.length === 1 && first[0] === SIMPLE_QUERY) return this.simple(first);
    const extended =
      messages.length === 5 &&
      [PARSE, BIND, DESCRIBE, EXECUTE, SYNC].every((kind, i) => messages[i]?.[0] === kind) &&
      // Neither the statement nor the portal has a name.
      first[5] === 0 &&
      second?.[5] === 0 &&
      second[6] === 0;
    return extended ? this.extended(first, second, messages.slice(2)) : undefined;
  }

  private extended(parse: Uint8Array, bind: Uint8Array, rest: readonly Uint8Array[]): Substitute | undefined {
    const statement = this.statementOf(parse);
    if (!statement) return undefined;
    const known = statement.name !== undefined;
    const name = statement.name ?? this.newName();
    const bytes = Buffer.concat([
      ...(known ? [] : [message(PARSE, text(name), parse.subarray(6))]),
      message(BIND, Buffer.of(0), text(name), bind.subarray(7)),
      ...rest,
    ]);
    return {
      bytes,
      answer: (raw) => {
        if (known && this.isStale(statement, raw)) return isIdle(raw) ? undefined : raw;
        if (known) return Buffer.concat([PARSED, raw]);
        this.note(statement, name, raw);
        return raw;
      },
    };
  }

  private simple(query: Uint8Array): Substitute | undefined {
    if (!PLANNED.test(Buffer.from(query.buffer, query.byteOffset + 5, query.length - 6).toString('latin1')))
      return undefined;
    const statement = this.statementOf(query);
    if (!statement) return undefined;
    const known = statement.name !== undefined;
    const name = statement.name ?? this.newName();
    const bytes = Buffer.concat([
      ...(known ? [] : [message(PARSE, text(name), query.subarray(5), Buffer.alloc(2))]),
      // No parameters, and everything as text.
      message(BIND, Buffer.of(0), text(name), Buffer.alloc(6)),
      RUN,
    ]);
    return {
      bytes,
      answer: (raw) => {
        if (known && this.isStale(statement, raw)) return isIdle(raw) ? undefined : raw;
        if (!known) this.note(statement, name, raw);
        return withoutHead(raw);
      },
    };
  }

  private statementOf(first: Uint8Array): Statement | undefined {
    const key = Buffer.from(first.buffer, first.byteOffset, first.length).toString('latin1');
    let statement = this.seen.get(key);
    if (!statement) {
      if (this.seen.size >= MOST_SEEN) this.forgetOthers();
      statement = { uses: 0, name: undefined };
      this.seen.set(key, statement);
    }
    statement.uses++;
    if (statement.name !== undefined) return statement;
    return statement.uses >= KEPT_FROM && this.kept < MOST_KEPT ? statement : undefined;
  }

  private forgetOthers(): void {
    for (const [key, { name }] of this.seen) if (name === undefined) this.seen.delete(key);
  }

  private newName(): string {
    return `kept${++this.names}`;
  }

  private note(statement: Statement, name: string, raw: Buffer): void {
    for (const frame of frames(raw)) {
      if (frame[0] === ERROR) return;
      if (frame[0] !== PARSE_COMPLETE) continue;
      statement.name = name;
      this.kept++;
      return;
    }
  }

  private isStale(statement: Statement, raw: Buffer): boolean {
    if (raw[0] !== ERROR || !STALE.has(codeOf(raw))) return false;
    statement.name = undefined;
    this.kept--;
    return true;
  }
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function message(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([head, ...parts]);
}

function* frames(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at + 5 <= raw.length;) {
    const end = at + 1 + raw.readInt32BE(at + 1);
    yield raw.subarray(at, end);
    at = end;
  }
}

/** Leaves out what comes in front of an answer only where parameters could have been given. */
function withoutHead(raw: Buffer): Buffer {
  let at = 0;
  for (const frame of frames(raw)) {
    if (![PARSE_COMPLETE, BIND_COMPLETE, NO_DATA].includes(frame[0]!)) break;
    at += frame.length;
  }
  return raw.subarray(at);
}

/** The SQLSTATE of an error: fields of one letter and a text each. */
function codeOf(error: Buffer): string {
  for (let at = 5; at < error.length && error[at] !== 0;) {
    const end = error.indexOf(0, at);
    if (error[at] === 'C'.charCodeAt(0)) return error.toString('latin1', at + 1, end);
    at = end + 1;
  }
  return '';
}

/** Whether the session is in no transaction after the exchange. */
function isIdle(raw: Buffer): boolean {
  let status: number | undefined;
  for (const frame of frames(raw)) if (frame[0] === READY) status = frame[5];
  return status === IDLE;
}
