import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ExtractError } from './extract-error.js';
import type { ExtractResult, PageCount, ReceivedFile } from './extract.types.js';
import { unpackBlocks, type ReadHead, type ReadReply } from './frames.js';

/** Of texts and structure in the reply to one request. */
const MAX_TEXT_BYTES = 128 * 1024 * 1024;
/** More pages than any reader takes. */
const MAX_PAGES = 1_000_000;
/** Of the files in one file, and how many. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 2000;

/** The result, or what is told on the way to it. */
export type Taken = { result: ExtractResult; done: boolean } | { pages: PageCount; slow: boolean };

function checked({ done, total }: PageCount): PageCount {
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= MAX_PAGES;
  if (!isCount(done) || !isCount(total) || done > total) throw new Error('a count of pages that cannot be');
  return { done, total };
}

/** Puts the child's reply to one request together. What the child says is bounded here again: it may be broken. */
export class ReplyReader {
  private head: ReadHead | undefined;
  private blocks: Buffer | undefined;
  private text: string | undefined;
  private received = 0;
  private fileBytes = 0;
  private readonly files: ReceivedFile[] = [];
  private open: { handle: FileHandle | undefined; left: number } | undefined;

  /** @param folder where inner files are put; without one they are passed over */
  constructor(private readonly folder: string | undefined) {}

  /**
   * Takes one frame; gives the result with the last one.
   * @throws ExtractError `document_too_large`; other errors where the child does not keep to the protocol
   */
  async take(body: Buffer): Promise<Taken | undefined> {
    if (this.open) return this.takeBytes(body);
    this.received += body.length;
    if (this.received > MAX_TEXT_BYTES) throw new ExtractError('document_too_large');
    if (this.head && !this.blocks) this.blocks = body;
    else if (this.head && this.text === undefined) this.text = body.toString();
    else return this.takeReply(JSON.parse(body.toString()) as ReadReply);
    return undefined;
  }

  private async takeReply(reply: ReadReply): Promise<Taken | undefined> {
    switch (reply.kind) {
      case 'failed':
        return { result: { ok: false, failure: reply.failure }, done: reply.done };
      case 'read':
        this.head = reply.head;
        return undefined;
      case 'file':
        await this.begin(reply);
        return undefined;
      case 'end': {
        if (!this.head || !this.blocks || this.text === undefined) throw new Error('an incomplete reply');
        const value = { ...this.head, text: this.text, blocks: unpackBlocks(this.blocks) };
        return { result: { ok: true, value, files: this.files }, done: false };
      }
      case 'progress':
        return { pages: checked(reply.pages), slow: reply.slow };
      default:
        throw new Error('an unknown reply');
    }
  }

  private async begin(file: { name: string; mime: string | null; size: number }): Promise<void> {
    this.fileBytes += file.size;
    if (this.files.length >= MAX_FILES || this.fileBytes > MAX_FILE_BYTES || !(file.size > 0))
      throw new ExtractError('document_too_large');
    let handle: FileHandle | undefined;
    if (this.folder !== undefined) {
      if (this.files.length === 0) await mkdir(this.folder, { recursive: true, mode: 0o700 });
      // A number: whatever the file calls itself, it stays in this folder.
      const target = path.join(this.folder, String(this.files.length));
      handle = await open(target, 'wx', 0o600);
      this.files.push({ name: file.name, mime: file.mime, path: target, size: file.size });
    }
    this.open = { handle, left: file.size };
  }

  private async takeBytes(body: Buffer): Promise<undefined> {
    const file = this.open!;
    file.left -= body.length;
    if (file.left < 0) throw new Error('more bytes than announced');
    await file.handle?.writeFile(body);
    if (file.left > 0) return;
    await file.handle?.close();
    this.open = undefined;
  }

  /** Lets go of a file that was being written when the child ended. */
  async abandon(): Promise<void> {
    await this.open?.handle?.close().catch(() => undefined);
    this.open = undefined;
  }
}
