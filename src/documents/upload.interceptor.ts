import { createHash } from 'node:crypto';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AppError } from '../common/errors/app-error.js';
import { hasIdempotencyKey, type FingerprintedRequest } from '../common/http/idempotency.js';
import { isStorableText } from '../common/storable-text.js';
import { Settings } from '../config/settings.js';
import type { StoredFile } from '../storage/storage.types.js';
import { DocumentIntakeService, type UploadedFile } from './document-intake.service.js';

const MAX_FILES = 100;
const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 64 * 1024;
/** Boundaries and headers of the parts. */
const OVERHEAD_BYTES = 1024 * 1024;
/** How long a client whose upload was refused may go on sending. */
const REFUSED_MS = 2000;

interface ReceivedFile extends Express.Multer.File {
  stored: StoredFile;
}

/** The files of an upload request, in order. */
export interface UploadRequest extends FingerprintedRequest {
  uploads: UploadedFile[];
  /** What is being stored, or was. */
  receiving: Promise<StoredFile>[];
  /** Answers without waiting for the rest. */
  refuse: (reason: Error) => void;
}

/**
 * Browsers send file names as UTF-8 bytes, which the form parser reads as latin1. A path is cut to its last
 * part, and what cannot be stored is left out.
 */
export function fileName(raw: string | undefined): string | null {
  if (!raw) return null;
  const bytes = Buffer.from(raw, 'latin1');
  const utf8 = bytes.toString('utf8');
  const name =
    (utf8.includes('\uFFFD') || bytes.toString('latin1') !== raw ? raw : utf8).split(/[/\\]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex -- control characters have no place in a name or a header
  const clean = name
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .normalize('NFC')
    .trim()
    .slice(0, 255);
  return clean && isStorableText(clean) ? clean : null;
}

/** Streams the files of a form into the file store, before the handler runs; a request that fails leaves none. */
@Injectable()
export class UploadInterceptor implements NestInterceptor {
  private readonly receive: ReturnType<ReturnType<typeof multer>['array']>;

  constructor(
    private readonly intake: DocumentIntakeService,
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
        const storing = this.intake.store(request.user?.id ?? '', file.stream, mayNeedNoRoom(request));
        request.receiving.push(storing);
        storing.then(
          (stored) => done(null, { stored } as Partial<ReceivedFile>),
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
    await this.refuseEarly(request);
    request.receiving = [];
    try {
      await this.receiveForm(request, response);
      note(request);
    } catch (error) {
      const ended = await Promise.allSettled(request.receiving);
      const stored = ended.flatMap((each) => (each.status === 'fulfilled' ? [{ stored: each.value }] : []));
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
        if (error) reject(error instanceof Error ? error : new Error('the form could not be read'));
        else resolve();
      });
    });
  }

  /** What the request says about its size is enough to refuse some. */
  private async refuseEarly(request: Request): Promise<void> {
    const declared = Number(request.headers['content-length'] ?? 0);
    const largest = Math.min(this.settings.maxUploadBytes * MAX_FILES, this.settings.quotaBytes);
    if (declared > largest + OVERHEAD_BYTES)
      throw new AppError('payload_too_large', `An upload may hold ${largest} bytes.`);
    await this.intake.requireSpace(declared);
  }

  private async handle(request: UploadRequest, next: CallHandler): Promise<unknown> {
    try {
      return await lastValueFrom(next.handle());
    } finally {
      // Validation and permission are checked behind this: what they refuse must not stay on the disk.
      await this.intake.discard(request.uploads.filter((file) => !file.accepted)).catch(() => undefined);
    }
  }
}

/**
 * Whether it may be accepted without room for another document: one that is named may replace a document (fields in front
 * of the file are known when it comes), and a request with a key may have been answered before, which its hash will tell.
 */
const mayNeedNoRoom = (request: UploadRequest): boolean =>
  (request.body as { doc_id?: unknown } | undefined)?.doc_id !== undefined || hasIdempotencyKey(request);

/** For the handler, and for who compares requests. */
function note(request: UploadRequest): void {
  const files = (request.files ?? []) as ReceivedFile[];
  request.uploads = files.map((file) => ({
    name: fileName(file.originalname),
    mime: file.mimetype.slice(0, 255),
    stored: file.stored,
  }));
  // The form parser makes an object without a prototype, which the validator would not accept.
  request.body = { ...(request.body as object) };
  request.bodyDigest = digest(request);
}

/** The same form is the same fields and files; boundaries differ from one request to the next. */
function digest(request: UploadRequest): Buffer {
  const fields = Object.entries(request.body as Record<string, unknown>).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const files = request.uploads.map(({ name, mime, stored }) => [name, mime, stored.sha256.toString('hex')]);
  return createHash('sha256')
    .update(JSON.stringify([fields, files]))
    .digest();
}

/**
 * A refused upload may be long: its sender gets the answer, and a moment to read it, but not to send it all. What it
 * sends meanwhile is taken and thrown away, for bytes that nobody takes would break the connection before the answer
 * is read.
 */
function hangUp(request: Request, response: Response): void {
  if (request.complete) return;
  request.resume();
  response.once('finish', () => {
    setTimeout(() => request.complete || request.socket.destroy(), REFUSED_MS).unref();
  });
}
