import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, type Request, type RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';
import { noteBody } from './idempotency.js';
import { MAX_VALUES } from './validation.pipe.js';

/** Brackets and commas of a body: an evaluation of 5,000 queries with 50,000 judgements has some 320,000. */
const MAX_MARKS = 8 * MAX_VALUES;
/** Of those who do not say who they are: such routes take a few short fields. */
const MAX_ANONYMOUS_BYTES = 64 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const OBJECT = 0x7b;

/** Whether JSON in UTF-8 has more than `most` opening brackets and commas outside of strings. Takes what is no JSON too. */
export function hasMoreMarks(body: Uint8Array, most: number): boolean {
  let marks = 0;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (inString) {
      if (byte === QUOTE) inString = false;
      else if (byte === BACKSLASH) i++;
    } else if (byte === QUOTE) inString = true;
    else if ((byte === COMMA || byte === LIST || byte === OBJECT) && ++marks > most) return true;
  }
  return false;
}

/** Before it is parsed, which nobody had to sign in for. @throws AppError */
function checkBytes(request: IncomingMessage, response: ServerResponse, body: Buffer, charset: string): void {
  // In other encodings a byte that looks like a quotation mark may be a part of another character.
  if (charset !== 'utf-8') throw new AppError('unsupported_media_type', 'Send UTF-8 JSON.');
  if (hasMoreMarks(body, MAX_MARKS))
    throw new AppError('validation_failed', `The body has more than ${MAX_MARKS} values.`);
  noteBody(request, response, body);
}

/** Reads JSON bodies. What a credential is worth is seen later, but one that is not there needs no long body. */
export function jsonBody(maxBytes: number, namesItself: (request: Request) => boolean): RequestHandler {
  const parser = (limit: number): RequestHandler => json({ limit, strict: true, verify: checkBytes });
  const long = parser(maxBytes);
  const short = parser(Math.min(maxBytes, MAX_ANONYMOUS_BYTES));
  return (request, response, next) =>
    (namesItself(request) ? long : short)(request, response, (error?: unknown) =>
      // The parser hangs the whole body and a status on it, by which Nest takes it for an error of Fastify's.
      next(error instanceof AppError ? new AppError(error.code, error.detail) : error),
    );
}
