import { Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toProblem } from './problem.js';
import { requestId } from './request-id.js';
import { toAppError } from './to-app-error.js';

const HEARTBEAT_MS = 15_000;
/** Setting of the Express application: milliseconds that a client may take nothing of its stream. */
export const STREAM_WRITE_TIMEOUT = 'stream write timeout';
export const DEFAULT_WRITE_TIMEOUT_MS = 30_000;

/** A server-sent event stream over one response: named events, JSON data, ends when the client leaves. */
export class EventStream {
  /** Aborts when the client goes away: pass it to whatever produces the events. */
  readonly signal: AbortSignal;
  private readonly heartbeat: NodeJS.Timeout | undefined;
  private readonly writeTimeout: number;

  private constructor(private readonly response: Response) {
    const controller = new AbortController();
    this.signal = controller.signal;
    const timeout: unknown = response.app?.get(STREAM_WRITE_TIMEOUT);
    this.writeTimeout = typeof timeout === 'number' ? timeout : DEFAULT_WRITE_TIMEOUT_MS;
    if (hasLeft(response)) {
      controller.abort();
      return;
    }
    this.heartbeat = setInterval(() => {
      // A client that takes nothing gets nothing more to keep in memory.
      if (!response.writableNeedDrain) response.write(': still here\n\n');
    }, HEARTBEAT_MS);
    response.on('close', () => {
      clearInterval(this.heartbeat);
      controller.abort();
    });
  }

  static open(response: Response): EventStream {
    EventStream.begin(response);
    response.flushHeaders();
    return new EventStream(response);
  }

  /** What a stream begins with, and all that `HEAD` asks for. */
  static begin(response: Response): Response {
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    return response;
  }

  /**
   * Resolves when the event may be followed by another: a slow reader holds the producer back, and one that takes
   * nothing for too long is cut off.
   */
  async send(event: string, data: unknown, id?: string): Promise<void> {
    if (this.signal.aborted || this.response.destroyed) return;
    const accepted = this.response.write(
      `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );
    if (accepted) return;
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(() => this.response.destroy(), this.writeTimeout);
      const go = (): void => {
        clearTimeout(giveUp);
        this.response.off('drain', go);
        this.response.off('close', go);
        resolve();
      };
      this.response.once('drain', go);
      this.response.once('close', go);
    });
  }

  /** Only where the client is: no event for whoever listens, but sent back as `Last-Event-ID`. */
  place(id: string): void {
    if (!this.signal.aborted) this.response.write(`id: ${id}\n\n`);
  }

  /** What is still on its way is given the same time as an event. */
  end(): void {
    clearInterval(this.heartbeat);
    if (this.response.destroyed) return;
    const giveUp = setTimeout(() => this.response.destroy(), this.writeTimeout);
    this.response.once('close', () => clearTimeout(giveUp));
    this.response.end();
  }
}

/** Whether the caller wants events: by `stream` in the body, or where that is left out by `Accept`. */
export const wantsEvents = (request: Request, stream: boolean | undefined): boolean =>
  stream ?? request.accepts('application/json', 'text/event-stream') === 'text/event-stream';

export interface ServerEvent {
  /** Without a name it is no event: its id alone is told. */
  event?: string;
  data?: unknown;
  /** Where a client that lost the connection goes on, by `Last-Event-ID`. */
  id?: string | undefined;
}

const logger = new Logger('Events');

/** Whether the client is gone: `close` has been told already, and will not be again. */
const hasLeft = (response: Response): boolean => response.destroyed || response.closed;

/**
 * Sends events as they come. The stream opens with the first one: what fails before it is thrown, and becomes an
 * ordinary problem response; a failure on the way becomes a last event `error` with a problem. With `atOnce` it opens
 * before there is anything to send: the first event may take long to come.
 */
export async function sendEvents(
  events: AsyncIterable<ServerEvent>,
  request: Request,
  response: Response,
  { atOnce = false } = {},
): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  let stream = atOnce ? EventStream.open(response) : undefined;
  try {
    let next = await iterator.next();
    stream ??= EventStream.open(response);
    for (; !next.done; next = await iterator.next()) {
      const { event, data, id } = next.value;
      if (event !== undefined) await stream.send(event, data, id);
      else if (id !== undefined) stream.place(id);
      if (stream.signal.aborted) return;
    }
  } catch (thrown) {
    if (!stream) throw thrown;
    if (stream.signal.aborted) return;
    const error = toAppError(thrown);
    const id = requestId(request);
    if (error.status >= 500)
      logger.error({ request_id: id, code: error.code, err: error.cause ?? error }, error.message);
    await stream.send('error', toProblem(error, id));
  } finally {
    stream?.end();
    await iterator.return?.();
  }
}

/** Aborts when the client leaves before its answer: nobody computes for nobody. */
export function untilClosed(response: Response): AbortSignal {
  const controller = new AbortController();
  if (hasLeft(response)) controller.abort();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
