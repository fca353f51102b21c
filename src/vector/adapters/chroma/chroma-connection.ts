import { AdminClient, ChromaClient } from 'chromadb';
import { AppError } from '../../../common/errors/app-error.js';
import { again } from '../../../common/resilience/again.js';
import { RemoteFailure } from '../../../common/resilience/remote-failure.js';
import { ConfigError } from '../../../config/config-error.js';

export interface ChromaOptions {
  url: string;
  headers?: Record<string, string>;
  tenant: string;
  database: string;
  /** Milliseconds that a read may take. */
  timeout?: number;
}

/** Writes carry megabytes and build the graph. */
const WRITE_TIMEOUT_FACTOR = 10;
const DEFAULT_TIMEOUT = 3000;
/** After a silence of the whole server nobody waits for another one: calls fail at once for this long. */
const PAUSE_MS = 2000;
/**
 * A read that meets a removal fails at the server ("Error finding id"),
 * and one that meets the end of a kept connection fails here; the next one works.
 */
const REPETITIONS = 3;
const BACKOFF_MS = 20;

/** Names of client errors that mean a wrong request of ours, not a store that is down. */
const OUR_FAULT = new Set([
  'ChromaClientError',
  'ChromaValueError',
  'ChromaUniqueError',
  'InvalidArgumentError',
]);

const isOurFault = (error: unknown): boolean => error instanceof Error && OUR_FAULT.has(error.name);

/** The server says it as a bad request, in words only. */
const NO_PLACE = /(?:Tenant|Database) \[[^\]]*\] does not exist/;

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && ['ChromaNotFoundError', 'InvalidCollectionError'].includes(error.name);

/** One ChromaDB server: bounded calls, and one kind of error for every way in which it can be away. */
export class ChromaConnection {
  private pausedUntil = 0;
  private answeredAt = 0;
  private readonly repeated = again(REPETITIONS, BACKOFF_MS);

  constructor(private readonly options: ChromaOptions) {
    // The client appends its own path and has no place for a prefix.
    if (new URL(options.url).pathname !== '/') throw new ConfigError('CHROMA_URL must not have a path');
  }

  /**
   * Repeated where that may help, all within one limit of time. What we ask is the same for everybody: whoever refuses it
   * is no such server as we know, and questions go on without it.
   */
  read<T>(work: (client: ChromaClient) => Promise<T>): Promise<T> {
    return this.bounded(this.options.timeout ?? DEFAULT_TIMEOUT, (signal) =>
      this.repeated.execute(() => this.call(work, signal), signal),
    ).catch((error: unknown) => {
      throw isOurFault(error) ? unavailable('refuses what it is asked', error) : error;
    });
  }

  /** What is refused is told as it came: it may be due to what is written. */
  write<T>(work: (client: ChromaClient) => Promise<T>): Promise<T> {
    const timeout = (this.options.timeout ?? DEFAULT_TIMEOUT) * WRITE_TIMEOUT_FACTOR;
    return this.bounded(timeout, (signal) => this.call(work, signal));
  }

  /** The server answers, lets us in, and has the tenant and the database. */
  async check(): Promise<void> {
    const { tenant, database: name } = this.options;
    const timeout = this.options.timeout ?? DEFAULT_TIMEOUT;
    await this.bounded(timeout, (signal) => {
      const admin = new AdminClient(this.address(signal));
      return admin.getDatabase({ name, tenant }).catch((error: unknown) => {
        throw isMissing(error) ? noPlace(error) : error;
      });
    });
  }

  private call<T>(work: (client: ChromaClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    return work(this.client(signal)).then(
      (result) => {
        this.answeredAt = Date.now();
        return result;
      },
      (error: unknown) => {
        if (isMissing(error)) this.answeredAt = Date.now();
        throw this.translate(error);
      },
    );
  }

  private async bounded<T>(timeout: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const begin = Date.now();
    if (begin < this.pausedUntil) throw unavailable('does not answer');
    const signal = AbortSignal.timeout(timeout);
    try {
      return await work(signal);
    } catch (error) {
      if (signal.aborted) {
        // One slow call among others that are answered is no silence.
        if (this.answeredAt < begin) this.pausedUntil = Date.now() + PAUSE_MS;
        throw unavailable('does not answer in time', error);
      }
      throw this.translate(error);
    }
  }

  /** The client takes a signal only at construction, which costs nothing: it opens no connection. */
  private client(signal: AbortSignal): ChromaClient {
    const { tenant, database } = this.options;
    return new ChromaClient({ ...this.address(signal), tenant, database });
  }

  private address(signal: AbortSignal) {
    const { url, headers } = this.options;
    const { hostname, port, protocol } = new URL(url);
    const ssl = protocol === 'https:';
    return {
      host: hostname,
      port: Number(port) || (ssl ? 443 : 80),
      ssl,
      headers: { ...headers },
      // A proxy that wants a sign-in redirects to it: its page would pass for a write that was done.
      fetchOptions: { signal, redirect: 'error' as const },
    };
  }

  private translate(error: unknown): unknown {
    if (error instanceof Error && NO_PLACE.test(error.message)) return noPlace(error);
    if (!(error instanceof Error) || error instanceof AppError || isMissing(error) || isOurFault(error))
      return error;
    if (error.name === 'ChromaAuthError' || error.name === 'ChromaForbiddenError')
      return unavailable(
        'refuses the credentials; check CHROMA_HEADERS, CHROMA_TENANT and CHROMA_DATABASE',
        error,
      );
    return error.name.startsWith('Chroma') && error.name !== 'ChromaConnectionError'
      ? mayPass('answers with an error', error)
      : mayPass('is not reachable', error);
  }
}

/** Nothing is missing there but the place itself: everything else is made where it lacks. */
export const noPlace = (cause: unknown): AppError =>
  unavailable('has no such place; check CHROMA_TENANT and CHROMA_DATABASE', cause);

/** The server answers and has nothing of an index. */
export const noIndex = (): AppError => unavailable('has lost the vectors: they are made again');

/** Something answers that is no ChromaDB. */
export const notChroma = (): AppError =>
  unavailable('does not answer as ChromaDB does; check CHROMA_URL and CHROMA_HEADERS');

const unavailable = (what: string, cause?: unknown): AppError =>
  new AppError('vector_store_unavailable', said(what), { cause });

const mayPass = (what: string, cause: unknown): AppError =>
  new RemoteFailure('vector_store_unavailable', said(what), { retry: true, cause });

const said = (what: string): string => `The ChromaDB server ${what}.`;
