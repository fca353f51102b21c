import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { uploadedName } from '../../common/clean-file-name.js';
import { AppError } from '../../common/errors/app-error.js';
import { hangUp } from '../../common/http/hang-up.js';
import { IdempotencyStore } from '../../common/http/idempotency.port.js';
import { idempotencyKey, type FingerprintedRequest } from '../../common/http/idempotency.js';
import { Settings } from '../../config/settings.js';
import type { StoredFile } from '../../storage/storage.types.js';
import { DocumentIntakeService, type UploadedFile } from './document-intake.service.js';
import { hashOf } from './hash-of.js';
import { MAX_FILES } from './uploads.dto.js';

const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 64 * 1024;
/** Boundaries and headers of the parts. */
const OVERHEAD_BYTES = 1024 * 1024;

/** What became of the bytes; those of a request that has its answer are not stored. */
interface Received {
  stored?: StoredFile;
  sha256: Buffer;
}

type ReceivedFile = Express.Multer.File & Received;

/** The files of an upload request, in order. */
export interface UploadRequest extends FingerprintedRequest {
  /** Undefined where the request was known to have its answer already. */
  uploads: UploadedFile[] | undefined;
  /** What is being read, or was. */
  receiving: Promise<Received>[];
  idempotencyKey: string | undefined;
  answered: boolean;
  /** Answers without waiting for the rest. */
  refuse: (reason: Error) => void;
}

/** Streams the files of a form into the file store, before the handler runs; a request that fails leaves none. */
@Injectable()
export class UploadInterceptor implements NestInterceptor {
  private readonly receive: ReturnType<ReturnType<typeof multer>['array']>;

  constructor(
    private readonly intake: DocumentIntakeService,
    private readonly answers: IdempotencyStore,
    private readonly settings: Settings,
  ) {
    this.receive = multer({
      storage: this.engine(),
      limits: {
        files: MAX_FILES,
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        parts: MAX_FILES + MAX_FIELDS,
        // A name such as `a[100000000]` would make an array of that length, and no field has brackets.
        fieldNestingDepth: 0,
      },
    }).array('file', MAX_FILES);
  }

  private engine(): StorageEngine {
    return {
      _handleFile: (request: UploadRequest, file, done) => {
        const receiving = request.answered
          ? hashOf(file.stream, this.settings.maxUploadBytes).then((sha256): Received => ({ sha256 }))
          : this.store(request, file.stream);
        request.receiving.push(receiving);
        receiving.then(
          (received) => done(null, received as Partial<ReceivedFile>),
          (error: unknown) => {
            file.stream.resume();
            request.refuse(error as Error);
            done(error);
          },
        );
      },
      _removeFile: (_request, file, done) => {
        const { stored } = file as ReceivedFile;
        (stored ? this.intake.discard([{ stored }]) : Promise.resolve()).then(() => done(null), done);
      },
    };
  }

  private async store(request: UploadRequest, content: Readable): Promise<Received> {
    const stored = await this.intake.store(request.user?.id ?? '', content, mayNeedNoRoom(request));
    return { stored, sha256: stored.sha256 };
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<UploadRequest>();
    const response = http.getResponse<Response>();
    try {
      await this.read(request, response);
    } catch (error) {
      hangUp(request, response);
      throw error;
    }
    return from(this.handle(request, next));
  }

  private async read(request: UploadRequest, response: Response): Promise<void> {
    if (!request.is('multipart/form-data'))
      throw new AppError(
        'unsupported_media_type',
        'Send the files as multipart/form-data in the field "file".',
      );
    const key = idempotencyKey(request);
    const userId = request.user?.id;
    request.idempotencyKey = key;
    request.answered =
      key !== undefined && userId !== undefined && (await this.answers.isAnswered({ userId, key }));
    await this.refuseEarly(request);
    request.receiving = [];
    try {
      await this.receiveForm(request, response);
      note(request);
    } catch (error) {
      const ended = await Promise.allSettled(request.receiving);
      const stored = ended.flatMap((each) =>
        each.status === 'fulfilled' && each.value.stored ? [{ stored: each.value.stored }] : [],
      );
      await this.intake.discard(stored).catch(() => undefined);
      // The parser may hear of a full disk before the store has said what that means.
      const refusal = ended.find((each) => each.status === 'rejected' && each.reason instanceof AppError);
      throw refusal?.status === 'rejected' ? refusal.reason : error;
    }
  }

  /** The form parser would first read a refused form to its end, however long that is. */
  private receiveForm(request: UploadRequest, response: Response): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      request.refuse = reject;
      this.receive(request, response, (error: unknown) => {
        if (error) reject(refusalOf(error));
        else resolve();
      });
    });
  }

  /** What the request says about its size is enough to refuse some. */
  private async refuseEarly(request: UploadRequest): Promise<void> {
    const declared = Number(request.headers['content-length'] ?? 0);
    const largest = Math.min(this.settings.maxUploadBytes * MAX_FILES, this.settings.quotaBytes);
    if (declared > largest + OVERHEAD_BYTES)
      throw new AppError('payload_too_large', `An upload may hold ${largest} bytes.`);
    if (!request.answered) await this.intake.requireSpace(declared);
  }

  private async handle(request: UploadRequest, next: CallHandler): Promise<unknown> {
    try {
      return await lastValueFrom(next.handle());
    } finally {
      // Validation and permission are checked behind this: what they refuse must not stay on the disk.
      const left = (request.uploads ?? []).filter((file) => !file.accepted);
      await this.intake.discard(left).catch(() => undefined);
    }
  }
}

/** What the parser means by limits that are this form's own. */
function refusalOf(error: unknown): Error {
  const { code } = error as { code?: string };
  if (code === 'LIMIT_FILE_COUNT')
    return new AppError('validation_failed', `At most ${MAX_FILES} files in one request.`);
  if (code === 'LIMIT_UNEXPECTED_FILE')
    return new AppError('validation_failed', 'Send files in the field "file".');
  return error instanceof Error ? error : new Error('the form could not be read');
}

/**
 * Whether it may be accepted without room for another document: one that is named may replace a document (fields in front
 * of the file are known when it comes), and one with a key may have been done before its answer was lost.
 */
const mayNeedNoRoom = (request: UploadRequest): boolean =>
  (request.body as { doc_id?: unknown } | undefined)?.doc_id !== undefined ||
  request.idempotencyKey !== undefined;

/** For the handler, and for who compares requests. */
function note(request: UploadRequest): void {
  const files = (request.files ?? []) as ReceivedFile[];
  const described = files.map(({ originalname, mimetype, stored, sha256 }) => ({
    name: uploadedName(originalname),
    mime: mimetype.slice(0, 255),
    stored,
    sha256,
  }));
  request.uploads = request.answered
    ? undefined
    : described.flatMap(({ name, mime, stored }) => (stored ? [{ name, mime, stored }] : []));
  // The form parser makes an object without a prototype, which the validator would not accept.
  request.body = { ...(request.body as object) };
  request.bodyDigest = digest(request.body as Record<string, unknown>, described);
}

/** The same form is the same fields and files; boundaries differ from one request to the next. */
function digest(
  body: Record<string, unknown>,
  files: readonly { name: string | null; mime: string; sha256: Buffer }[],
): Buffer {
  const fields = Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const contents = files.map(({ name, mime, sha256 }) => [name, mime, sha256.toString('hex')]);
  return createHash('sha256')
    .update(JSON.stringify([fields, contents]))
    .digest();
}
