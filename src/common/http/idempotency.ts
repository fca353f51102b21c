import { createHash } from 'node:crypto';
import {
  applyDecorators,
  Injectable,
  Logger,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { from, lastValueFrom, of, type Observable } from 'rxjs';
import { AppError } from '../errors/app-error.js';
import { withIds } from '../new-id.js';
import type { AuthUser } from '../security/auth-user.js';
import { ApiProblems } from './api-problems.js';
import { IdempotencyStore, type HeldRequest } from './idempotency.port.js';

const logger = new Logger('Idempotency');

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface FingerprintedRequest extends Request {
  user?: AuthUser;
  /** Of what the body says; set by whoever reads it. */
  bodyDigest?: Buffer;
}

/** For the JSON parser's `verify`: the same body is the same bytes. */
export function noteBody(request: unknown, _response: unknown, body: Buffer): void {
  const noted = request as FingerprintedRequest;
  if (noted.headers[HEADER] !== undefined) noted.bodyDigest = createHash('sha256').update(body).digest();
}

/** @throws AppError `validation_failed` for a header that is no key */
export function idempotencyKey(request: Request): string | undefined {
  const key = request.headers[HEADER];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key))
    throw new AppError(
      'validation_failed',
      'Idempotency-Key: send 1 to 255 visible ASCII characters, such as a UUID.',
    );
  return key;
}

/**
 * What a request asks for, and what its credential may do beyond or short of its user: an answer is for those who could
 * have got it.
 * @param bodyDigest of what the body says; undefined where it is not known (yet)
 */
export function fingerprintOf(request: FingerprintedRequest, bodyDigest: Buffer | undefined): Buffer {
  const { onlyCollections, adminAccess } = request.user ?? {};
  const limits = onlyCollections ? ` only ${onlyCollections.toSorted().join(' ')}` : '';
  return createHash('sha256')
    .update(`${request.method} ${request.originalUrl}${limits}${adminAccess ? ' as administrator' : ''}\n`)
    .update(bodyDigest ?? '')
    .digest();
}

/** Answers as before. */
export function replay(context: ExecutionContext, answer: unknown): unknown {
  context.switchToHttp().getResponse<Response>().setHeader('Idempotency-Replayed', 'true');
  return answer;
}

/**
 * Does what a key is held for, and keeps the answer.
 * @param fingerprint of the request, once it was worked on; for one that was begun unread
 */
export async function answered(
  held: HeldRequest,
  work: () => Promise<unknown>,
  fingerprint?: () => Buffer,
): Promise<unknown> {
  const quietly = (written: Promise<void>): Promise<void> =>
    written.catch((error: unknown) => logger.warn({ err: error }, 'an idempotency key could not be written'));
  let answer: unknown;
  try {
    answer = await work();
  } catch (error) {
    await quietly(held.release());
    throw error;
  }
  // What was done is done: the client hears of it even where the next one will have to do it again.
  await quietly(held.complete(answer, fingerprint?.()));
  return answer;
}

/** Answers a request that was answered before as it was then; runs behind whatever reads the body. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly store: IdempotencyStore) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FingerprintedRequest>();
    const key = idempotencyKey(request);
    if (key === undefined || !request.user) return next.handle();
    const fingerprint = fingerprintOf(request, request.bodyDigest);
    const begun = await this.store.begin({ userId: request.user.id, key, fingerprint });
    if ('answer' in begun) return of(replay(context, begun.answer));
    const work = (): Promise<unknown> =>
      withIds(
        () => begun.held.nextId(),
        () => lastValueFrom(next.handle()),
      );
    return from(answered(begun.held, work));
  }
}

export const ApiIdempotencyKey = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'A key of your own for this request, kept for 24 hours: the same request with the same key is answered as before and does nothing again.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiProblems('idempotency_in_flight', 'idempotency_key_reused', 'validation_failed'),
  );

/** A creating route: repeated with the same `Idempotency-Key`, it creates nothing and answers the same. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(UseInterceptors(IdempotencyInterceptor), ApiIdempotencyKey());
