import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../common/errors/app-error.js';
import type { DocumentErrorCode } from '../../common/errors/error-table.js';
import { lowerProcess } from '../../common/threads/niceness.js';
import { workerUrl } from '../../common/worker-url.js';
import { childCommand } from './child-command.js';
import { ExtractError } from './extract-error.js';
import { ReplyReader } from './extract-reply.js';
import type { ExtractHints, ExtractOptions, ExtractResult, PageCount } from './extract.types.js';
import { FrameReader, jsonFrame } from './frames.js';
import { makeScratch } from './scratch.js';

export interface ReadLimits {
  /** Milliseconds for one file, or for one page of it where text is recognised in pictures. */
  timeout: number;
  /** Bytes of resident memory. */
  memory: number;
  /** What `networkIsolation` found. */
  isolation: string[];
}

const MEMORY_POLL_MS = 250;
/** Engines grow a little with each file. Each start of a process takes as long as a hundred small files. */
const MOST_FILES = 1000;
/** One that has grown to this part of what it may take is not given another file, which might find too little. */
const WORN = 0.25;
/** Looked at now and then also where each file takes less time than a poll. */
const FILES_PER_LOOK = 20;
const START_MS = 20_000;
/** However a file goes on, it does not take longer than this many times the limit for it. */
export const MOST_EXTENSIONS = 15;
const STDERR_KEPT = 4096;

/** Something outside ended the process at once: the system for want of memory, or somebody by hand. */
export class ReaderKilled extends Error {}

interface Reading {
  resolve(result: ExtractResult): void;
  reject(error: Error): void;
  reply: ReplyReader;
  extend(): void;
  onPages?: ((pages: PageCount) => void) | undefined;
}

/** One file to be read. */
export interface ReadJob extends ExtractHints, ExtractOptions {
  /** Path of a file that this process may read. */
  file: string;
  /** Where files inside it are put; without one they are passed over. */
  folder?: string | undefined;
  /** Told how far it is, where the format has pages. */
  onPages?: ((pages: PageCount) => void) | undefined;
}

const failure = (code: DocumentErrorCode): ExtractResult => ({
  ok: false,
  failure: { code, detail: new ExtractError(code).detail },
});

/** One child process. It reads one file at a time and is gone for good after any failure that it did not name. */
export class ExtractProcess {
  private count = 0;
  /** Bytes, when it was last looked at. */
  private resident = 0;
  private readonly child: ChildProcess;
  private readonly folder = makeScratch();
  private readonly frames = new FrameReader();
  private ready = false;
  private isEnded = false;
  private isSettled = false;
  private stderr = '';
  private reading: Reading | undefined;
  /** Why we killed it, or undefined when it died by itself. */
  private verdict: DocumentErrorCode | Error | undefined;

  constructor(private readonly limits: ReadLimits) {
    const { command, args } = childCommand(workerUrl(import.meta.url, 'extract.child.js'), limits);
    this.child = spawn(command, args, {
      cwd: this.folder,
      env: {},
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal is for the server, which then finishes or gives up in order.
      detached: true,
    });
    void lowerProcess(this.child.pid);
    this.child.on('error', (error) => this.ended(null, null, error));
    this.child.on('exit', () => (this.isEnded = true));
    this.child.stdin?.on('error', () => undefined);
    this.child.stderr?.on(
      'data',
      (text: Buffer) => (this.stderr = (this.stderr + text.toString()).slice(-STDERR_KEPT)),
    );
    const listening = this.listen(this.child.stdio[3] as Readable);
    // Not at its exit: what it said last may still be on the way.
    this.child.on('close', (code, signal) => void listening.then(() => this.ended(code, signal)));
  }

  /** Whether another file may be given to it. */
  get alive(): boolean {
    return !this.isEnded && this.verdict === undefined;
  }

  /** Whether the next file should be given to a new one. */
  get worn(): boolean {
    return this.count >= MOST_FILES || this.resident > this.limits.memory * WORN;
  }

  /**
   * Reads one file. Failures of the file are results.
   * @throws what `signal` was aborted with, AppError `service_unavailable` when the child could not start or was
   * asked to end, ReaderKilled when it was killed: nothing is then known about the file.
   */
  async read(job: ReadJob, signal?: AbortSignal): Promise<ExtractResult> {
    signal?.throwIfAborted();
    this.count++;
    const reply = new ReplyReader(job.folder);
    const onAbort = (): void =>
      this.kill(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = (): void => this.kill('document_timeout');
    let timer = setTimeout(late, this.limits.timeout);
    const end = setTimeout(late, this.limits.timeout * MOST_EXTENSIONS);
    const extend = (): void => {
      clearTimeout(timer);
      timer = setTimeout(late, this.limits.timeout);
    };
    const starting = setTimeout(
      () => this.ready || this.kill(new Error('it did not start in time')),
      START_MS,
    );
    const polling = setInterval(() => void this.checkMemory(), MEMORY_POLL_MS);
    try {
      return await new Promise<ExtractResult>((resolve, reject) => {
        this.reading = { resolve, reject, reply, extend, onPages: job.onPages };
        if (!this.alive) return reject(unavailable('the reader has ended'));
        this.send(job).catch((error: Error) => this.kill(error));
      });
    } finally {
      this.reading = undefined;
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      clearTimeout(end);
      clearTimeout(starting);
      clearInterval(polling);
      if (this.count % FILES_PER_LOOK === 0) await this.checkMemory();
      await reply.abandon();
    }
  }

  /** Ends the process at once; a reading in progress ends with `reason`. */
  kill(reason: DocumentErrorCode | Error = unavailable('the reader was stopped')): void {
    if (this.isSettled) return;
    this.verdict ??= reason;
    this.child.kill('SIGKILL');
  }

  private async send({ file, fileName, mime, ocrLanguages }: ReadJob): Promise<void> {
    const handle = await fs.promises.open(file);
    try {
      const { size } = await handle.stat();
      const { stdin } = this.child;
      if (!stdin) throw unavailable('the reader takes no input');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(size);
      stdin.write(Buffer.concat([jsonFrame({ fileName, mime, ocrLanguages, size }), length]));
      if (size === 0) return;
      let sent = 0;
      // Not the pipe itself: it stays open for the next file.
      const into = new Writable({
        highWaterMark: 1024 * 1024,
        write: (chunk: Buffer, _encoding, done) => {
          sent += chunk.length;
          stdin.write(chunk, (error) => done(this.alive ? error : null));
        },
      });
      await pipeline(
        handle.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: 256 * 1024 }),
        into,
      );
      if (sent !== size) throw new Error('the file changed while it was read');
    } finally {
      await handle.close();
    }
  }

  /** Takes replies one after the other, as fast as they can be dealt with. */
  private async listen(replies: Readable): Promise<void> {
    try {
      for await (const chunk of replies) {
        for (const body of this.frames.push(chunk as Buffer)) await this.take(body);
      }
    } catch (error) {
      // Its own end is told by the process; the rest is a file or a disk that cannot be dealt with.
      this.kill(error instanceof ExtractError ? error.code : (error as Error));
    }
  }

  private async take(body: Buffer): Promise<void> {
    // Nothing but the first word of the child comes while no file is being read.
    if (!this.ready) {
      this.ready = true;
      return;
    }
    const { reading } = this;
    const taken = await reading?.reply.take(body);
    if (taken && 'pages' in taken) {
      if (taken.slow) reading?.extend();
      reading?.onPages?.(taken.pages);
    } else if (taken) {
      if (taken.done) this.kill();
      reading?.resolve(taken.result);
    }
  }

  private async checkMemory(): Promise<void> {
    // Absent outside Linux: the heap limit is all there is then.
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '');
    this.resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    if (this.resident > this.limits.memory) this.kill('document_too_large');
  }

  private ended(code: number | null, signal: NodeJS.Signals | null, error?: Error): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.isEnded = true;
    void rm(this.folder, { recursive: true, force: true });
    this.child.stdin?.destroy();
    const { reading, verdict } = this;
    if (!reading) return;
    if (verdict instanceof Error) reading.reject(verdict);
    else if (verdict !== undefined) reading.resolve(failure(verdict));
    else if (!this.ready || error)
      reading.reject(
        unavailable(
          error?.message ?? `it ended with ${code ?? signal}: ${this.stderr.trim().split('\n').at(-1) ?? ''}`,
        ),
      );
    else if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
      reading.reject(unavailable(`it was ended by ${signal}`));
    else if (signal === 'SIGKILL') reading.reject(new ReaderKilled('the reader was killed'));
    // V8 aborts when its heap is full.
    else if (signal === 'SIGABRT' || code === 134 || /out of memory/i.test(this.stderr))
      reading.resolve(failure('document_too_large'));
    else reading.resolve(failure('document_failed'));
  }
}

const unavailable = (what: string): AppError =>
  new AppError('service_unavailable', 'Files cannot be read at the moment.', {
    cause: new Error(`file reader: ${what}`),
  });
