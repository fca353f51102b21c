import type { Request } from 'express';
import { KEY_MARK } from '../api-keys/api-key-format.js';

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(request: Request): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

export const hasCredential = (request: Request): boolean =>
  request.headers.authorization !== undefined || request.headers['x-api-key'] !== undefined;

/**
 * The API key of a request, from `X-API-Key` or a bearer token that begins as keys do; undefined where neither is. What
 * names two different credentials has none that counts.
 */
export function apiKeyOf(request: Request): string | undefined {
  const header = request.headers['x-api-key'];
  const bearer = bearerOf(request);
  if (header === undefined) return bearer?.startsWith(KEY_MARK) ? bearer : undefined;
  const key = typeof header === 'string' ? header : '';
  return request.headers.authorization === undefined || bearer === key ? key : '';
}
