import type {
  ExtractedText,
  ExtractFailure,
  ExtractHints,
  ExtractOptions,
  InnerFile,
  PageCount,
  TextBlock,
} from './extract.types.js';

/** Asked of the child: read this file, whose bytes follow the frame. */
export interface ReadRequest extends ExtractHints, ExtractOptions {
  /** Number of bytes that follow. */
  size: number;
}

/** All that is told of a text before its blocks and words follow, a frame each. */
export type ReadHead = Omit<ExtractedText, 'text' | 'blocks'>;

/**
 * `read` is followed by blocks and text, then by any number of `file`, each with its bytes in frames of at most
 * `FILE_FRAME` bytes, and by `end`. `done` says that the child must not be used again, because its engine may be
 * broken. `progress` counts pages that are done with.
 */
export type ReadReply =
  | { kind: 'ready' }
  | { kind: 'progress'; pages: PageCount; slow: boolean }
  | { kind: 'read'; head: ReadHead }
  | { kind: 'file'; name: string; mime: InnerFile['mime']; size: number }
  | { kind: 'end' }
  | { kind: 'failed'; failure: ExtractFailure; done: boolean };

export const FILE_FRAME = 256 * 1024;

const LENGTH_BYTES = 4;
/** What its length can say: no larger file can be handed over. */
export const LONGEST_FRAME = 2 ** (8 * LENGTH_BYTES) - 1;
const BLOCK_NUMBERS = 6;
const KINDS: readonly TextBlock['kind'][] = ['heading', 'paragraph', 'list_item', 'table_row', 'code'];

/** Frames of bytes in a stream: four bytes of length (little-endian), then as many bytes. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  /** Adds what arrived; gives the frames that are complete now. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const frames: Buffer[] = [];
    for (
      let length = this.nextLength();
      length !== undefined && this.buffered >= LENGTH_BYTES + length;
      length = this.nextLength()
    ) {
      const all = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
      frames.push(all.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      const rest = all.subarray(LENGTH_BYTES + length);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.buffered = rest.length;
    }
    return frames;
  }

  private nextLength(): number | undefined {
    if (this.buffered < LENGTH_BYTES) return undefined;
    if (this.chunks[0]!.length < LENGTH_BYTES) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0]!.readUInt32LE(0);
  }
}

export function frame(body: Buffer): Buffer {
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

export const jsonFrame = (value: ReadRequest | ReadReply): Buffer =>
  frame(Buffer.from(JSON.stringify(value)));

/** Blocks as numbers: a long document has hundreds of thousands, and parsing them as JSON would block its reader. */
export function packBlocks(blocks: readonly TextBlock[]): Buffer {
  const numbers = new Int32Array(blocks.length * BLOCK_NUMBERS);
  blocks.forEach((block, i) => {
    numbers.set(
      [
        KINDS.indexOf(block.kind),
        block.start,
        block.end,
        block.level ?? 0,
        block.page ?? 0,
        block.headerStart ?? -1,
      ],
      i * BLOCK_NUMBERS,
    );
  });
  return Buffer.from(numbers.buffer);
}

export function unpackBlocks(bytes: Buffer): TextBlock[] {
  const numbers = new Int32Array(bytes.length / 4);
  new Uint8Array(numbers.buffer).set(bytes);
  const blocks: TextBlock[] = [];
  for (let at = 0; at < numbers.length; at += BLOCK_NUMBERS) {
    const [kind, start, end, level, page, headerStart] = numbers.subarray(
      at,
      at + BLOCK_NUMBERS,
    ) as unknown as [number, number, number, number, number, number];
    const block: TextBlock = { kind: KINDS[kind] ?? 'paragraph', start, end };
    if (level > 0) block.level = level;
    if (page > 0) block.page = page;
    if (headerStart >= 0) block.headerStart = headerStart;
    blocks.push(block);
  }
  return blocks;
}
