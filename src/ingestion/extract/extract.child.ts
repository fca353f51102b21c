/**
 * Reads files in a process of its own, one at a time: requests and bytes come on standard input, replies go to
 * descriptor 3. Whatever a file does here, only this process can suffer from it.
 */
import fs from 'node:fs';
import { ExtractError } from './extract-error.js';
import type { ExtractFailure, Progress } from './extract.types.js';
import {
  FILE_FRAME,
  frame,
  FrameReader,
  jsonFrame,
  packBlocks,
  type ReadReply,
  type ReadRequest,
} from './frames.js';
import { closeNetwork } from './no-network.js';

closeNetwork();
// Only now: what it loads shall find the network closed.
const { extractBytes } = await import('./registry.js');

const REPLIES = 3;
/** Pages that are read in no time are not told one by one. */
const PROGRESS_MS = 200;

function write(bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(REPLIES, bytes, done);
}

const reply = (value: ReadReply): void => write(jsonFrame(value));

/** An engine that ran out of memory or aborted cannot be trusted with the next file. */
function failureOf(error: unknown): { failure: ExtractFailure; done: boolean } {
  if (error instanceof ExtractError)
    return { failure: { code: error.code, detail: error.detail }, done: false };
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const outOfMemory = name === 'RangeError' && /alloc|memory|length|stack/i.test(message);
  // PDFium aborts on purpose when it cannot get more memory; on other damage it reports an error.
  const aborted = name === 'RuntimeError' && process.memoryUsage.rss() > 500 * 1024 * 1024;
  const code = outOfMemory || aborted || /\bOOM\b/.test(message) ? 'document_too_large' : 'document_failed';
  const { detail } = new ExtractError(code);
  return { failure: { code, detail }, done: true };
}

async function read(request: ReadRequest, bytes: Uint8Array): Promise<void> {
  try {
    let toldAt = -Infinity;
    const progress: Progress = (pages, slow) => {
      if (!slow && performance.now() - toldAt < PROGRESS_MS) return;
      toldAt = performance.now();
      reply({ kind: 'progress', pages, slow });
    };
    const { text, blocks, files, ...head } = await extractBytes(bytes, request, request, progress);
    reply({ kind: 'read', head });
    write(frame(packBlocks(blocks)));
    write(frame(Buffer.from(text)));
    for await (const file of files ?? []) {
      reply({ kind: 'file', name: file.name, mime: file.mime, size: file.bytes.length });
      for (let at = 0; at < file.bytes.length; at += FILE_FRAME)
        write(frame(Buffer.from(file.bytes.subarray(at, at + FILE_FRAME))));
    }
    reply({ kind: 'end' });
  } catch (error) {
    const failed = failureOf(error);
    reply({ kind: 'failed', ...failed });
    if (failed.done) process.exit(0);
  }
}

reply({ kind: 'ready' });

// Frames alternate: a request, then its bytes.
const reader = new FrameReader();
let request: ReadRequest | undefined;
for await (const chunk of process.stdin.on('error', () => process.exit(0)) as AsyncIterable<Buffer>) {
  for (const body of reader.push(chunk)) {
    if (request === undefined) {
      request = JSON.parse(body.toString()) as ReadRequest;
    } else {
      const current = request;
      request = undefined;
      await read(current, body);
    }
  }
}
