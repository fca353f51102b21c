import { SaxesParser } from 'saxes';
import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { TextBuilder } from '../text-builder.js';

const LONGEST_FIELD = 200;
const LONGEST_ATTRIBUTE = 200;
const STEP = 256 * 1024;

interface Element {
  name: string;
  attributes: string;
  /** Texts in attributes, as they are told: each a paragraph. */
  long: string[];
  /** Whether its attributes say how it is drawn. */
  isDrawn: boolean;
  parts: string[];
  /** Text of its own, not only around its children. */
  isMixed: boolean;
  hasElements: boolean;
  /** Fields that were read and not yet written. */
  fields: string[];
}

const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();
const isDrawing = (name: string): boolean => /^(?:[^:]+:)?(?:svg|html)$/i.test(name);
const isMachinery = (name: string, isDrawn: boolean): boolean =>
  /^xmlns(?:$|:)|^xsi:/.test(name) || (isDrawn && /^(?:style|class|transform|d)$/.test(name));
/** Words, not data in letters or coordinates. */
const isProse = (value: string): boolean => /\p{L}{2}/u.test(value) && /\s|[^\p{ASCII}]/u.test(value);

/** Follows the tags without building a tree: elements become fields, fields that stand together a line. */
class XmlReader {
  readonly out = new TextBuilder();
  private readonly stack: Element[] = [];

  open(name: string, attributes: Record<string, string>): void {
    const parent = this.stack.at(-1);
    if (parent) {
      const outer = this.stack.at(-2);
      // Now the parent turns out to be more than a field: what came before it is written first.
      if (outer && !parent.hasElements && !outer.isMixed) this.write(outer);
      if (!outer?.isMixed) this.writeLong(parent);
      parent.hasElements = true;
    }
    const isDrawn = parent?.isDrawn === true || isDrawing(name);
    const all = Object.entries(attributes).filter(
      ([key, value]) => !isMachinery(key, isDrawn) && value.trim() !== '',
    );
    const pairs = all.filter(([, value]) => value.length <= LONGEST_ATTRIBUTE);
    const long = all.filter(([, value]) => !isDrawn && value.length > LONGEST_ATTRIBUTE && isProse(value));
    this.stack.push({
      name,
      attributes: pairs.map(([key, value]) => `${key}=${collapse(value)}`).join(', '),
      long: long.map(([key, value]) => `${key}: ${collapse(value)}`),
      isDrawn,
      parts: [],
      isMixed: false,
      hasElements: false,
      fields: [],
    });
  }

  text(text: string): void {
    const top = this.stack.at(-1);
    if (!top) return;
    top.parts.push(text);
    if (text.trim() !== '') top.isMixed = true;
  }

  close(): void {
    const element = this.stack.pop();
    if (!element) return;
    const parent = this.stack.at(-1);
    const text = element.isMixed ? collapse(element.parts.join('')) : '';
    if (parent?.isMixed) {
      parent.parts.push(` ${[text, ...element.long].join(' ')} `);
      return;
    }
    if (element.hasElements && !element.isMixed) {
      if (element.attributes !== '') element.fields.unshift(`${element.name} (${element.attributes})`);
      this.write(element);
      return;
    }
    const name = element.attributes === '' ? element.name : `${element.name} (${element.attributes})`;
    if (text === '' && element.attributes === '') {
      if (parent && element.long.length > 0) this.write(parent);
      this.writeLong(element);
      return;
    }
    const field = text === '' ? name : `${name}: ${text}`;
    if (!parent || element.hasElements || field.length > LONGEST_FIELD) {
      if (parent) this.write(parent);
      if (text === '') this.out.add('table_row', field);
      else this.out.add('paragraph', element.hasElements || field.length > LONGEST_FIELD ? text : field);
      this.writeLong(element);
    } else {
      parent.fields.push(field);
      if (element.long.length > 0) this.write(parent);
      this.writeLong(element);
      // Whatever mixed content may still come keeps the words in order.
      parent.parts.push(` ${text} `);
    }
  }

  finish(): void {
    while (this.stack.length > 0) this.close();
  }

  private writeLong(element: Element): void {
    for (const text of element.long) this.out.add('paragraph', text);
    element.long = [];
  }

  private write(element: Element): void {
    if (element.fields.length === 0) return;
    this.out.add('table_row', element.fields.join(' | '));
    element.fields = [];
  }
}

/**
 * Elements with text, their names in front; those of one parent on a line. Entities that a file defines itself are
 * not expanded, nothing outside the file is read.
 * @throws ExtractError `document_corrupt`, `document_too_large`.
 */
export function extractXml(bytes: Uint8Array): ExtractedText {
  const source = decodeText(bytes, { html: true });
  const reader = new XmlReader();
  const parser = new SaxesParser({ xmlns: false });
  let errors = 0;
  parser.on('error', () => void errors++);
  parser.on('opentag', (tag) => reader.open(tag.name, tag.attributes));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('closetag', () => reader.close());
  for (let at = 0; at < source.length; at += STEP) parser.write(source.slice(at, at + STEP));
  parser.close();
  reader.finish();
  const { out } = reader;
  if (out.blocks.length === 0 && errors > 0) throw new ExtractError('document_corrupt');
  return { text: out.toString(), blocks: out.blocks, title: null, mime: MIME.xml, pages: null };
}
