import { createHash, type Hash } from 'node:crypto';
import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, lastValueFrom, of, tap, type Observable } from 'rxjs';
import { AppError } from '../errors/app-error.js';
import { hangUp } from './hang-up.js';
import { IdempotencyStore } from './idempotency.port.js';
import {
  answered,
  ApiIdempotencyKey,
  fingerprintOf,
  idempotencyKey,
  replay,
  type FingerprintedRequest,
} from './idempotency.js';

interface StreamedRequest extends FingerprintedRequest {
  bodyHash?: Hash;
}

/** The body as it comes. With a key it is hashed on the way, so it has to be read to its end. */
export async function* bodyOf(request: Request): AsyncGenerator<Buffer> {
  const { bodyHash } = request as StreamedRequest;
  // Whoever refuses a body in the middle still answers: the stream is left as it is, for `hangUp` to read on.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    bodyHash?.update(chunk);
    yield chunk;
  }
}

/**
 * For a body that is worked on while it comes, and held nowhere: what it says is known when the work is done. Until then
 * the key stands for the address alone. Where the key has its answer, the body is hashed and nothing else.
 */
@Injectable()
export class StreamedIdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly store: IdempotencyStore) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<StreamedRequest>();
    const orHangUp = tap<unknown>({ error: () => hangUp(request, http.getResponse<Response>()) });
    const key = idempotencyKey(request);
    if (key === undefined || !request.user) return next.handle().pipe(orHangUp);
    const id = { userId: request.user.id, key };
    const begun = await this.store.beginUnread({ ...id, fingerprint: fingerprintOf(request, undefined) });
    const hash = createHash('sha256');
    request.bodyHash = hash;
    if (begun === 'answered') return of(replay(context, await this.answerTo(request, id, hash)));
    const fingerprint = (): Buffer => fingerprintOf(request, hash.digest());
    return from(answered(begun.held, () => lastValueFrom(next.handle()), fingerprint)).pipe(orHangUp);
  }

  /** @throws AppError `idempotency_key_reused`; `idempotency_in_flight` where the answer expired while the body came */
  private async answerTo(
    request: StreamedRequest,
    id: { userId: string; key: string },
    hash: Hash,
  ): Promise<unknown> {
    const body = bodyOf(request);
    while (!(await body.next()).done);
    const begun = await this.store.begin({ ...id, fingerprint: fingerprintOf(request, hash.digest()) });
    if ('answer' in begun) return begun.answer;
    await begun.held.release();
    throw new AppError(
      'idempotency_in_flight',
      'The answer that was kept for this key has just expired. Try again.',
      { retryAfter: 1 },
    );
  }
}

/** As `Idempotent`, for a route whose handler reads its body with `bodyOf`, and may do its work again. */
export const IdempotentStream = (): MethodDecorator =>
  applyDecorators(UseInterceptors(StreamedIdempotencyInterceptor), ApiIdempotencyKey());
