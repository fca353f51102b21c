import { Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { toProblem } from '../common/http/problem.js';
import { requestId } from '../common/http/request-id.js';
import { EventStream } from '../common/http/sse.js';
import { toAppError } from '../common/http/to-app-error.js';
import type { LlmService } from './llm.service.js';
import type { LlmUsage } from './llm.types.js';

const logger = new Logger('Llm');

/** Aborts when the client leaves before its answer. */
export function untilClosed(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Answers with events. A missing model is still an ordinary problem response: nothing was sent yet. */
export async function sendEvents(
  llm: LlmService,
  prompt: string,
  request: Request,
  response: Response,
): Promise<undefined> {
  const stopped = new AbortController();
  const chunks = llm.stream(prompt, { signal: stopped.signal });
  const events = EventStream.open(response);
  events.signal.addEventListener('abort', () => stopped.abort());
  let usage: LlmUsage | undefined;
  try {
    for await (const chunk of chunks) {
      if (chunk.text !== '') await events.send('token', { text: chunk.text });
      usage = chunk.usage ?? usage;
    }
    await events.send('done', { model: llm.modelId, usage: usage ?? null });
  } catch (thrown) {
    if (events.signal.aborted) return undefined;
    const error = toAppError(thrown);
    const id = requestId(request);
    if (error.status >= 500)
      logger.error({ request_id: id, code: error.code, err: error.cause ?? error }, error.message);
    await events.send('error', toProblem(error, id));
  } finally {
    events.end();
  }
  return undefined;
}
