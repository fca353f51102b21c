import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Asked by an address, by whoever watches over the server. */
const WATCHED = new Set(['/health/live', '/health/ready', '/metrics']);

export interface HostRules {
  strict: boolean;
  allowedHosts: readonly string[];
  publicUrl: string | undefined;
}

/**
 * Refuses requests for names that are not this server's. A page of another site can point its own name at a
 * loopback address and so talk to a server that only this machine should reach; the name gives it away.
 */
export function hostGuard(
  rules: HostRules,
): (request: Request, response: Response, next: NextFunction) => void {
  const named = [...rules.allowedHosts, ...(rules.publicUrl ? [new URL(rules.publicUrl).hostname] : [])];
  const open = rules.strict && rules.allowedHosts.length === 0;
  const allowed = new Set([...(rules.strict ? [] : LOOPBACK), ...named].map((name) => name.toLowerCase()));
  return (request, _response, next) => {
    const name = (request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase();
    if (open || allowed.has(name) || (rules.strict && WATCHED.has(request.path))) return next();
    next(new AppError('host_not_allowed', 'This server does not answer under that name; see ALLOWED_HOSTS.'));
  };
}
