import { randomUUID } from 'node:crypto';
import fs from 'node:fs';

/** The file itself cannot be read: not a matter of the server. */
export class FileReadError extends Error {
  constructor(
    readonly code: string,
    cause: unknown,
  ) {
    super('It cannot be read. See whether it is still there and may be read, then run this again.', {
      cause,
    });
  }
}

export const isFileError = (error: unknown): error is NodeJS.ErrnoException & { code: string } =>
  typeof error === 'object' &&
  error !== null &&
  'errno' in error &&
  'code' in error &&
  typeof error.code === 'string';

/** A request body that can be sent again; `open` tells of each piece that is taken. */
export interface StreamedBody {
  headers: Record<string, string>;
  open(onPiece: () => void): AsyncGenerator<Uint8Array>;
  /** Why it could not be read to its end. */
  failure?: FileReadError;
}

const quoted = (name: string): string =>
  name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** Of a file that may be read. */
async function sizeOf(path: string): Promise<number> {
  const handle = await fs.promises.open(path);
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/**
 * A form with fields and one file, read while it is sent. Not a Blob of the file: one that changes or goes meanwhile
 * ends the whole process.
 * @throws FileReadError
 */
export async function fileForm(
  path: string,
  name: string,
  fields: Record<string, string>,
): Promise<StreamedBody> {
  const size = await sizeOf(path).catch((error: unknown) => {
    throw isFileError(error) ? new FileReadError(error.code, error) : error;
  });
  const boundary = `form-${randomUUID()}`;
  const head = Buffer.from(
    Object.entries(fields)
      .map(
        ([key, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
      )
      .join('') +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(name)}"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const body: StreamedBody = {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    async *open(onPiece) {
      yield head;
      try {
        let sent = 0;
        // No more than was announced: it may be growing.
        const pieces = size === 0 ? [] : fs.createReadStream(path, { end: size - 1 });
        for await (const piece of pieces) {
          onPiece();
          sent += (piece as Buffer).length;
          yield piece as Buffer;
        }
        if (sent !== size) throw new FileReadError('changed', undefined);
      } catch (error) {
        body.failure =
          error instanceof FileReadError
            ? error
            : new FileReadError(isFileError(error) ? error.code : '', error);
        throw body.failure;
      }
      yield tail;
    },
  };
  return body;
}
