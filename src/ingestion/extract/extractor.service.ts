import { rm, stat } from 'node:fs/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ConfigError } from '../../config/config-error.js';
import { Settings } from '../../config/settings.js';
import { AppError } from '../../common/errors/app-error.js';
import { ExtractError } from './extract-error.js';
import { ExtractProcess, ReaderKilled, type ReadJob } from './extract-process.js';
import type { ExtractResult, PageCount } from './extract.types.js';
import { languageData } from './formats/ocr-languages.js';
import { LONGEST_FRAME } from './frames.js';
import { networkIsolation } from './network-isolation.js';
import { sweepScratch } from './scratch.js';

const IDLE_MS = 30_000;

export interface ExtractRequest {
  /** A file that this process may read; the child gets its bytes, not its path. */
  path: string;
  /** As uploaded: only decides where the content does not. */
  fileName: string;
  /** As declared by whoever uploaded it. */
  mime: string;
  /** Where files inside this one are put; whoever asks removes it. Without one they are passed over. */
  folder?: string | undefined;
  /** Told how far it is, where the format has pages. */
  onPages?: ((pages: PageCount) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Reads uploaded files in processes that a file can crash, fill or hang without touching anything but itself. */
@Injectable()
export class Extractor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly idle: ExtractProcess[] = [];
  private readonly busy = new Set<ExtractProcess>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private closed = false;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: Settings) {}

  /**
   * Text and structure of a file; waits for its turn. What is wrong with the file is a result, never an exception.
   * @throws the reason of `signal`; AppError `service_unavailable` when the reader itself cannot run (try again);
   * file system errors of `path`.
   */
  async extract({ path, fileName, mime, folder, onPages, signal }: ExtractRequest): Promise<ExtractResult> {
    const { size } = await stat(path);
    if (size === 0) return { ok: false, failure: new ExtractError('document_empty') };
    if (size > LONGEST_FRAME) return { ok: false, failure: new ExtractError('document_too_large') };
    const ocrLanguages = this.settings.ocr ? this.settings.ocrLanguages : [];
    const job = { file: path, fileName, mime, folder, ocrLanguages, onPages };
    await this.turn(signal);
    try {
      return await this.read(job, signal).catch((error: unknown) => this.readAgain(job, error, signal));
    } finally {
      // The turn is handed on as it is: nobody can slip in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private async read(job: ReadJob, signal: AbortSignal | undefined): Promise<ExtractResult> {
    const isolation = await networkIsolation();
    signal?.throwIfAborted();
    const reader = this.takeReader(isolation);
    try {
      return await reader.read(job, signal);
    } finally {
      this.giveBack(reader);
    }
  }

  /** Whoever killed the reader may have meant anything: only a file that it happens to twice is taken to be the cause. */
  private async readAgain(
    job: ReadJob,
    error: unknown,
    signal: AbortSignal | undefined,
  ): Promise<ExtractResult> {
    if (!(error instanceof ReaderKilled)) throw error;
    if (job.folder !== undefined) await rm(job.folder, { recursive: true, force: true });
    try {
      return await this.read(job, signal);
    } catch (again) {
      if (!(again instanceof ReaderKilled)) throw again;
      // The system's memory killer comes again for what takes too much.
      return { ok: false, failure: new ExtractError('document_too_large') };
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    const { ocr, ocrLanguages } = this.settings;
    const missing = ocr ? ocrLanguages.find((language) => languageData(language) === undefined) : undefined;
    if (missing !== undefined)
      throw new ConfigError(
        `OCR_LANGUAGES: there is no data for "${missing}"; that of German is installed by "npm install @tesseract.js-data/deu"`,
      );
    await sweepScratch();
  }

  onModuleDestroy(): void {
    this.closed = true;
    clearTimeout(this.idleTimer);
    for (const reader of [...this.idle, ...this.busy]) reader.kill();
    for (const next of this.waiting.splice(0)) next();
  }

  private async turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.running < this.settings.extractProcesses) {
      this.running++;
    } else {
      await new Promise<void>((resolve, reject) => {
        const next = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        const leave = (): void => {
          this.waiting.splice(this.waiting.indexOf(next), 1);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', leave, { once: true });
        this.waiting.push(next);
      });
    }
  }

  private takeReader(isolation: string[]): ExtractProcess {
    if (this.closed) throw new AppError('service_unavailable', 'The server is shutting down.');
    clearTimeout(this.idleTimer);
    let reader = this.idle.pop();
    while (reader && !reader.alive) reader = this.idle.pop();
    reader ??= new ExtractProcess({
      timeout: this.settings.extractTimeout * 1000,
      memory: this.settings.extractMemory,
      isolation,
    });
    this.busy.add(reader);
    return reader;
  }

  private giveBack(reader: ExtractProcess): void {
    this.busy.delete(reader);
    if (!reader.alive) return;
    if (reader.worn || this.closed) return reader.kill();
    this.idle.push(reader);
    this.idleTimer = setTimeout(() => this.idle.splice(0).forEach((each) => each.kill()), IDLE_MS);
    this.idleTimer.unref();
  }
}
