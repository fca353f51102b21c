import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

export const NDJSON = 'application/x-ndjson';

async function* lines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}

/**
 * One JSON document on each line, as fast as the client reads. A failure on the way breaks the connection off: a client
 * must not take half a list for the whole.
 * @throws what the first item throws, before anything is sent
 */
export async function sendLines(items: AsyncIterable<unknown>, response: Response): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const first = await iterator.next();
  const all = async function* (): AsyncGenerator {
    if (first.done) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  response.status(200).setHeader('Content-Type', `${NDJSON}; charset=utf-8`);
  await pipeline(Readable.from(lines(all())), response).catch(() => response.destroy());
}
