import { Catch, Logger, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { allowedMethods } from './allowed-methods.js';
import { requestId } from './request-id.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';
import { toAppError } from './to-app-error.js';

/** How reading the body of a request ends that was broken off; whatever else fails then is a failure of ours. */
const HUNG_UP = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']);

/** The only place that writes error responses. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = toAppError(thrown);
    // Thrown by the router alone: what a handler does not find is an `AppError` of its own.
    const methods = error.cause instanceof NotFoundException ? allowedMethods(request) : [];
    if (methods.length === 0) return sendProblem(error, request, response, this.logger);
    const allowed = methods.join(', ');
    response.setHeader('Allow', allowed);
    const refused = new AppError('method_not_allowed', `This route answers to ${allowed}.`);
    sendProblem(refused, request, response, this.logger);
  }
}

export function sendProblem(thrown: unknown, request: Request, response: Response, logger: Logger): void {
  const error = toAppError(thrown);
  const reason = (error.cause ?? thrown) as Partial<NodeJS.ErrnoException> | undefined;
  // What was computed for a client that has left ends so.
  if (response.destroyed && reason?.name === 'AbortError') return;
  const id = requestId(request);
  const brokenOff = request.destroyed && !request.complete;
  if (brokenOff && (error.status < 500 || HUNG_UP.has(reason?.code ?? ''))) {
    logger.debug({ request_id: id, code: error.code }, 'the client hung up while it sent its request');
    return;
  }
  if (error.status >= 500)
    logger.error({ request_id: id, code: error.code, err: error.cause ?? error }, error.message);
  if (response.headersSent || brokenOff) {
    response.destroy();
    return;
  }
  if (error.retryAfter !== undefined) response.setHeader('Retry-After', String(error.retryAfter));
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response
    .status(error.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(error, id)));
}
