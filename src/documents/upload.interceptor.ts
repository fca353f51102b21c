import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { catchError, type Observable } from 'rxjs';
import { AppError } from '../common/errors/app-error.js';
import { isStorableText } from '../common/http/validators.js';
import type { StoredFile } from '../storage/storage.types.js';
import { DocumentIntakeService, type UploadedFile } from './document-intake.service.js';

const MAX_FILES = 100;
const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 64 * 1024;

interface ReceivedFile extends Express.Multer.File {
  stored: StoredFile;
}

/** The files of an upload request, in order. */
export interface UploadRequest extends Request {
  uploads: UploadedFile[];
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

  constructor(private readonly intake: DocumentIntakeService) {
    this.receive = multer({
      storage: this.engine(),
      limits: {
        files: MAX_FILES,
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        parts: MAX_FILES + MAX_FIELDS,
      },
    }).array('file', MAX_FILES);
  }

  private engine(): StorageEngine {
    return {
      _handleFile: (_request, file, done) => {
        this.intake.store(file.stream).then(
          (stored) => done(null, { stored } as Partial<ReceivedFile>),
          (error: unknown) => {
            // The rest of the form must be read, or the client never sees the answer.
            file.stream.resume();
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
    if (!request.is('multipart/form-data'))
      throw new AppError(
        'unsupported_media_type',
        'Send the files as multipart/form-data in the field "file".',
      );
    await new Promise<void>((resolve, reject) => {
      this.receive(request, http.getResponse<Response>(), (error: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('the form could not be read'));
        else resolve();
      });
    });
    const files = (request.files ?? []) as ReceivedFile[];
    request.uploads = files.map((file) => ({
      name: fileName(file.originalname),
      mime: file.mimetype.slice(0, 255),
      stored: file.stored,
    }));
    // The form parser makes an object without a prototype, which the validator would not accept.
    request.body = { ...(request.body as object) };
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        // Validation and permission are checked behind this: what they refuse must not stay on the disk.
        await this.intake.discard(request.uploads.filter((file) => !file.accepted));
        throw error;
      }),
    );
  }
}
