import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

export const NDJSON = 'application/x-ndjson';

async function* lines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}

const begin = (response: Response): Response =>
  response.status(200).setHeader('Content-Type', `${NDJSON}; charset=utf-8`);

/**
 * One JSON document on each line, as fast as the client reads. A failure on the way breaks the connection off: a client
 * must not take half a list for the whole. For `HEAD` nothing is opened.
 * @throws what `open` or the first item throws, before anything is sent
 */
export async function sendLines(
  open: () => Promise<AsyncIterable<unknown>>,
  response: Response,
): Promise<void> {
  if (response.req.method === 'HEAD') {
    begin(response).end();
    return;
  }
  const iterator = (await open())[Symbol.asyncIterator]();
  const first = await iterator.next();
  const all = async function* (): AsyncGenerator {
    if (first.done) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  await pipeline(Readable.from(lines(all())), begin(response)).catch(() => response.destroy());
}
