import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenResponse } from '../auth/auth.dto.js';
import type { CollectionDto, CollectionPageDto } from '../collections/collections.dto.js';
import type { ChunkPageDto } from '../documents/chunks.dto.js';
import type { DocumentDto, DocumentPageDto } from '../documents/documents.dto.js';
import type { AcceptedDocumentsDto } from '../documents/intake/uploads.dto.js';
import type { AddedDocumentsDto, BulkDocumentDto } from '../ingestion/texts/text.dto.js';
import type { AnswerDto, RagQueryResponseDto } from '../rag/rag-response.dto.js';
import type { AskDto, RagQueryDto } from '../rag/rag.dto.js';
import { fileForm, type StreamedBody } from './ingest/upload-body.js';

/** Of a request; of an upload, without any of it being taken. */
const REQUEST_LIMIT_MS = 300_000;
const MAX_PAUSES = 30;

export interface Credentials {
  email: string;
  password: string;
}

interface Call {
  method?: string;
  json?: unknown;
  body?: FormData;
  stream?: StreamedBody;
  signal?: AbortSignal | undefined;
  /** Without the token that there may be. */
  anonymous?: boolean;
}

/** An answer other than 2xx. The message names the route, the status and the problem's detail. */
export class ApiError extends Error {
  constructor(
    readonly route: string,
    readonly status: number,
    readonly code: string | undefined,
    readonly detail: string,
  ) {
    super(`${route} answered ${status}: ${detail}`);
  }
}

/** Retry-After is seconds or a date; anything else waits a second. */
function pauseOf(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(60_000, Math.max(200, seconds * 1000)) : 1000;
}

async function problemOf(route: string, response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { code, detail, title } = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    return new ApiError(route, response.status, code, detail ?? title ?? text.slice(0, 200));
  } catch {
    return new ApiError(route, response.status, undefined, text.slice(0, 200) || response.statusText);
  }
}

/**
 * A client of a running API. It waits when it is told to (429) and signs in again when its token has expired;
 * `pauses` counts the former, because a measurement that was slowed down is none.
 */
export class ApiClient {
  pauses = 0;
  private token: string | undefined;
  private account: Credentials | undefined;
  private signingIn: Promise<void> | undefined;

  constructor(
    readonly base: string,
    private readonly limit = REQUEST_LIMIT_MS,
  ) {}

  async signIn(account: Credentials): Promise<void> {
    const signedIn = await this.call<Partial<TokenResponse>>('/auth/login', {
      method: 'POST',
      json: account,
      anonymous: true,
    });
    if (signedIn.access_token === undefined)
      throw new Error(`${account.email} needs a second factor to sign in; use an account without one`);
    this.token = signedIn.access_token;
    this.account = account;
  }

  /** Calls that need it at the same time share it; those under way go on with the token before. */
  private signInAgain(account: Credentials): Promise<void> {
    return (this.signingIn ??= this.signIn(account).finally(() => (this.signingIn = undefined)));
  }

  /** Goes on with an API key instead of a session. */
  useKey(key: string): void {
    this.token = key;
    this.account = undefined;
  }

  /** For other ways to send a request, such as a load generator. */
  get authorization(): string {
    return `Bearer ${this.token}`;
  }

  async ready(): Promise<boolean> {
    return (await fetch(`${this.base}/health/ready`)).status === 200;
  }

  createCollection(name: string): Promise<CollectionDto> {
    return this.call('/collections', { method: 'POST', json: { name } });
  }

  async removeCollection(id: string): Promise<void> {
    await this.call(`/collections/${id}`, { method: 'DELETE' });
  }

  addDocuments(
    documents: readonly BulkDocumentDto[],
    options: { collection_id?: string; wait_ms?: number } = {},
  ): Promise<AddedDocumentsDto> {
    return this.call('/rag/add_documents', { method: 'POST', json: { documents, ...options } });
  }

  /** Uploads one file; `docId` makes a second upload replace the first. */
  async upload(file: Blob, name: string, docId: string): Promise<DocumentDto> {
    const body = new FormData();
    body.append('doc_id', docId);
    body.append('file', file, name);
    const { documents } = await this.call<AcceptedDocumentsDto>('/documents', { method: 'POST', body });
    const [document] = documents;
    if (!document) throw new Error('POST /documents accepted no document');
    return document;
  }

  /**
   * Uploads one file from the disk into a collection; a document with this `docId` there is replaced.
   * @throws FileReadError
   */
  async uploadInto(
    path: string,
    name: string,
    target: { docId: string; collectionId: string },
  ): Promise<DocumentDto> {
    const stream = await fileForm(path, name, {
      doc_id: target.docId,
      collection_id: target.collectionId,
    });
    const { documents } = await this.call<AcceptedDocumentsDto>('/documents', { method: 'POST', stream });
    const [document] = documents;
    if (!document) throw new Error('POST /documents accepted no document');
    return document;
  }

  collections(query: Record<string, string> = {}): Promise<CollectionPageDto> {
    return this.call(`/collections?${new URLSearchParams(query).toString()}`);
  }

  document(id: string): Promise<DocumentDto> {
    return this.call(`/documents/${id}`);
  }

  documents(query: Record<string, string>): Promise<DocumentPageDto> {
    return this.call(`/documents?${new URLSearchParams(query).toString()}`);
  }

  /** The first 200 passages of a document. */
  chunks(id: string): Promise<ChunkPageDto> {
    return this.call(`/documents/${id}/chunks?limit=200`);
  }

  text(id: string): Promise<string> {
    return this.send(`/documents/${id}/text`).then((response) => response.text());
  }

  query(request: RagQueryDto): Promise<RagQueryResponseDto> {
    return this.call('/rag/rag_query', { method: 'POST', json: request });
  }

  ask(request: AskDto): Promise<AnswerDto> {
    return this.call('/rag/ask', { method: 'POST', json: request });
  }

  /** Any other route that is read. */
  get<T>(route: string): Promise<T> {
    return this.call(route);
  }

  /** Any other route that is written. */
  post<T>(route: string, json: unknown): Promise<T> {
    return this.call(route, { method: 'POST', json });
  }

  private async call<T>(route: string, call: Call = {}): Promise<T> {
    return (await (await this.send(route, call)).json()) as T;
  }

  private async send(route: string, call: Call = {}): Promise<Response> {
    const name = `${call.method ?? 'GET'} ${route.split('?')[0]}`;
    let pauses = 0;
    // Refused at once, a new token will not be good later; but it may run out during a pause as well.
    let isNew = false;
    for (;;) {
      const { token } = this;
      const response = await this.once(route, call);
      if (response.ok) return response;
      if (response.status === 429 && pauses < MAX_PAUSES) {
        await response.body?.cancel();
        pauses++;
        this.pauses++;
        isNew = false;
        await sleep(pauseOf(response));
      } else if (response.status === 401 && this.account && !call.anonymous && !isNew) {
        await response.body?.cancel();
        isNew = true;
        // Another call may have done so meanwhile.
        if (this.token === token) await this.signInAgain(this.account);
      } else {
        throw await problemOf(name, response);
      }
    }
  }

  private async once(
    route: string,
    { method = 'GET', json, body, stream, signal, anonymous }: Call,
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', ...stream?.headers };
    if (this.token !== undefined && !anonymous) headers['authorization'] = this.authorization;
    if (json !== undefined) headers['content-type'] = 'application/json';
    // What goes on is not late, however long it takes.
    const still = new AbortController();
    const timer = setTimeout(
      () => still.abort(new DOMException('the upload does not go on', 'TimeoutError')),
      this.limit,
    );
    const late = stream ? still.signal : AbortSignal.timeout(this.limit);
    const content = stream?.open(() => timer.refresh()) ?? (json === undefined ? body : JSON.stringify(json));
    try {
      return await fetch(`${this.base}${route}`, {
        method,
        headers,
        signal: signal ? AbortSignal.any([signal, late]) : late,
        ...(content === undefined ? {} : { body: content as NonNullable<RequestInit['body']> }),
        ...(stream ? { duplex: 'half' } : {}),
      });
    } catch (error) {
      throw stream?.failure ?? error;
    } finally {
      clearTimeout(timer);
    }
  }
}
