import type { Request } from 'express';
import { requestId } from '../http/request-id.js';
import { plainAddress } from './address.js';

/** Where a request came from, in the words of the audit log: one client has one address in it. */
export const originOf = (request: Request): { ip: string | null; requestId: string } => ({
  ip: plainAddress(request.ip),
  requestId: requestId(request),
});
