import { ExtractError } from './extract-error.js';
import type { TextBlock } from './extract.types.js';
import { normaliseText } from './normalise.js';

/** UTF-16 code units of the text that is read from one file, or comes with an import. */
export const MAX_EXTRACTED_LENGTH = 32 * 1024 * 1024;

type BlockOptions = Pick<TextBlock, 'level' | 'page'>;

const isTight = (kind: TextBlock['kind']): boolean => kind === 'list_item' || kind === 'table_row';

/** Puts a document's text together from blocks: a blank line between two, one line end inside lists and tables. */
export class TextBuilder {
  readonly blocks: TextBlock[] = [];
  private readonly parts: string[] = [];
  private length = 0;

  /**
   * Adds a block unless it is blank.
   * @throws ExtractError `document_too_large` past `MAX_EXTRACTED_LENGTH`.
   */
  add(kind: TextBlock['kind'], raw: string, options: BlockOptions = {}): void {
    const text = normaliseText(raw).trimEnd();
    // Code keeps the indentation of its first line.
    const body = kind === 'code' ? text.replace(/^(?:[^\S\n]*\n)+/, '') : text.trimStart();
    if (body === '') return;
    const previous = this.blocks.at(-1);
    if (previous) this.append(isTight(kind) && previous.kind === kind ? '\n' : '\n\n');
    const start = this.length;
    this.append(body);
    this.blocks.push({ kind, start, end: this.length, ...options });
  }

  toString(): string {
    return this.parts.join('');
  }

  private append(part: string): void {
    this.length += part.length;
    if (this.length > MAX_EXTRACTED_LENGTH)
      throw new ExtractError(
        'document_too_large',
        'The file holds more text than is allowed. Split it into smaller ones.',
      );
    this.parts.push(part);
  }
}
