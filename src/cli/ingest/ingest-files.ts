import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentDto } from '../../documents/documents.dto.js';
import { ApiError, type ApiClient } from '../client.js';
import type { Found } from './find-files.js';
import { FileReadError, isFileError } from './upload-body.js';

const MAX_ID = 512;
const POLL_MS = 500;
const PAGE = 200;

export interface IngestOptions {
  collectionId: string;
  concurrency: number;
  report(counts: IngestCounts): void;
}

export interface IngestCounts {
  total: number;
  uploaded: number;
  unchanged: number;
  ready: number;
  failed: number;
}

/** What matters of a document once it was accepted. */
type Outcome = Pick<DocumentDto, 'id' | 'status' | 'error'>;

export interface Failure {
  name: string;
  code: string;
  detail: string;
}

const UNREADABLE_FOLDER = 'Its files are not known. See whether it may be read, then run this again.';

/** The row of a file that goes without harm to the others; undefined where nothing else will be accepted either. */
function refusalOf(error: unknown): Pick<Failure, 'code' | 'detail'> | undefined {
  if (error instanceof ApiError)
    return [401, 403, 404].includes(error.status)
      ? undefined
      : { code: error.code ?? String(error.status), detail: error.detail };
  if (error instanceof FileReadError) return { code: error.code, detail: error.message };
  if (isFileError(error)) return { code: error.code, detail: new FileReadError(error.code, error).message };
  if ((error as Error).name === 'TimeoutError')
    return { code: 'timeout', detail: 'The upload came to a standstill. Run this again.' };
  return undefined;
}

/**
 * Brings files into a collection, each under its name as `doc_id`. What the collection holds with the same content is
 * left alone, so that running it again goes on where an interrupted run stopped and uploads only what changed.
 */
export async function ingestFiles(
  client: ApiClient,
  { files, unreadable }: Found,
  options: IngestOptions,
): Promise<{ counts: IngestCounts; failures: Failure[] }> {
  const known = await knownDocuments(client, options.collectionId);
  const counts: IngestCounts = { total: files.length, uploaded: 0, unchanged: 0, ready: 0, failed: 0 };
  const failures: Failure[] = [];
  const waiting = new Map<string, string>();
  const report = (): void => options.report({ ...counts });
  const fail = (name: string, code: string, detail: string): void => {
    counts.failed++;
    failures.push({ name, code, detail });
  };
  const conclude = (name: string, document: Outcome): void => {
    if (document.status === 'failed') fail(name, document.error?.code ?? '', document.error?.detail ?? '');
    else counts.ready++;
  };

  for (const { name, code } of unreadable) failures.push({ name, code, detail: UNREADABLE_FOLDER });
  const queue = [...files];
  const upload = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      try {
        const docId = docIdOf(file.name);
        const before = known.get(docId);
        if (before && before.status !== 'failed' && before.sha256 === (await hashOf(file.path))) {
          counts.unchanged++;
          if (isSettled(before)) conclude(file.name, before);
          else waiting.set(before.id, file.name);
        } else {
          const document = await client.uploadInto(file.path, file.name.split('/').at(-1) ?? '', {
            docId,
            collectionId: options.collectionId,
          });
          counts.uploaded++;
          if (isSettled(document)) conclude(file.name, document);
          else waiting.set(document.id, file.name);
        }
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        fail(file.name, refusal.code, refusal.detail);
      }
      report();
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, upload));

  for (; waiting.size > 0; await sleep(POLL_MS)) {
    const settled = await settledAmong(client, waiting);
    for (const document of settled) {
      const name = waiting.get(document.id);
      if (name === undefined) continue;
      waiting.delete(document.id);
      conclude(name, document);
    }
    report();
  }
  return { counts, failures: failures.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

const isSettled = ({ status }: Outcome): boolean => status === 'ready' || status === 'failed';

/** A long path is cut in the middle and told apart by its hash. */
function docIdOf(name: string): string {
  if (name.length <= MAX_ID) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, 200)}…${hash}…${name.slice(-250)}`.toWellFormed();
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What the collection holds, by doc_id. */
async function knownDocuments(client: ApiClient, collectionId: string): Promise<Map<string, DocumentDto>> {
  const known = new Map<string, DocumentDto>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await client.documents({
      limit: String(PAGE),
      collection_id: collectionId,
      ...(cursor === '' ? {} : { cursor }),
    });
    for (const document of page.items) known.set(document.doc_id, document);
    cursor = page.next_cursor;
  }
  return known;
}

/** Asks for the oldest of them: they come first. */
async function settledAmong(client: ApiClient, waiting: ReadonlyMap<string, string>): Promise<Outcome[]> {
  const ids = [...waiting.keys()].slice(0, 50);
  const documents = await Promise.all(
    ids.map((id): Promise<Outcome> =>
      client.document(id).catch((error: unknown): Outcome => {
        // Deleted by somebody meanwhile: not our failure, but not there either.
        if (error instanceof ApiError && error.status === 404)
          return {
            id,
            status: 'failed',
            error: { code: 'document_failed', detail: 'It was deleted meanwhile.' },
          };
        throw error;
      }),
    ),
  );
  return documents.filter(isSettled);
}
