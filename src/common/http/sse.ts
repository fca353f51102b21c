import { Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toProblem } from './problem.js';
import { requestId } from './request-id.js';
import { toAppError } from './to-app-error.js';

const HEARTBEAT_MS = 15_000;

/** A server-sent event stream over one response: named events, JSON data, ends when the client leaves. */
export class EventStream {
  /** Aborts when the client goes away: pass it to whatever produces the events. */
  readonly signal: AbortSignal;
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(private readonly response: Response) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
    response.on('close', () => {
      clearInterval(this.heartbeat);
      controller.abort();
    });
  }

  static open(response: Response): EventStream {
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    return new EventStream(response);
  }

  /** Resolves when the event may be followed by another: a slow reader holds the producer back. */
  async send(event: string, data: unknown): Promise<void> {
    if (this.signal.aborted) return;
    const accepted = this.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (accepted) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.response.off('drain', go);
        this.response.off('close', go);
        resolve();
      };
      this.response.once('drain', go);
      this.response.once('close', go);
    });
  }

  end(): void {
    clearInterval(this.heartbeat);
    this.response.end();
  }
}

/** Whether the caller wants events: by `Accept`, or by `stream: true` in the body. */
export const wantsEvents = (request: Request, stream: boolean | undefined): boolean =>
  stream === true || /(^|,)\s*text\/event-stream\b/i.test(request.headers.accept ?? '');

export interface ServerEvent {
  event: string;
  data: unknown;
}

const logger = new Logger('Events');

/** Sends events as they come; a failure on the way becomes a last event `error` with a problem. */
export async function sendEvents(
  events: AsyncIterable<ServerEvent>,
  request: Request,
  response: Response,
): Promise<void> {
  const stream = EventStream.open(response);
  try {
    for await (const { event, data } of events) {
      await stream.send(event, data);
      if (stream.signal.aborted) return;
    }
  } catch (thrown) {
    if (stream.signal.aborted) return;
    const error = toAppError(thrown);
    const id = requestId(request);
    if (error.status >= 500)
      logger.error({ request_id: id, code: error.code, err: error.cause ?? error }, error.message);
    await stream.send('error', toProblem(error, id));
  } finally {
    stream.end();
  }
}

/** Aborts when the client leaves before its answer: nobody computes for nobody. */
export function untilClosed(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
