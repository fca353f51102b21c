import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText, titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { extractText } from './text.js';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

const DEEPEST = 100;
/** A record that fits in one line is one. */
const LONGEST_RECORD = 1000;
const LAST_HEADING_LEVEL = 4;

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const scalar = (value: Json): string | undefined =>
  typeof value === 'object' ? undefined : String(value).replace(/\s+/g, ' ').trim();

const tooDeep = (): ExtractError =>
  new ExtractError('document_too_large', 'The file is nested too deeply. Make it flatter.');

/** `a.b: 1 | c: 2`, or undefined when it does not fit in one line. */
function record(value: Json): string | undefined {
  const parts: string[] = [];
  let length = 0;
  const put = (path: string, inner: Json, depth: number): boolean => {
    const text = scalar(inner);
    if (text !== undefined) {
      if (text === '') return true;
      const part = path === '' ? text : `${path}: ${text}`;
      length += part.length + 3;
      parts.push(part);
      return length <= LONGEST_RECORD;
    }
    if (depth > 6 || inner === null) return inner === null;
    if (Array.isArray(inner)) {
      if (inner.every((each) => scalar(each) !== undefined))
        return put(path, inner.map((each) => scalar(each)).join(', '), depth + 1);
      return inner.every((each, i) => put(`${path}[${i}]`, each, depth + 1));
    }
    return Object.entries(inner as JsonObject).every(([key, each]) =>
      put(path === '' ? key : `${path}.${key}`, each, depth + 1),
    );
  };
  return put('', value, 0) ? parts.join(' | ') : undefined;
}

class JsonReader {
  readonly out = new TextBuilder();

  read(value: Json, path: string, depth = 0): void {
    if (depth > DEEPEST) throw tooDeep();
    if (Array.isArray(value)) {
      value.forEach((each, i) => {
        const line = record(each);
        if (line === undefined) this.read(each, `${path}[${i}]`, depth + 1);
        else if (line !== '') this.out.add(isObject(each) ? 'table_row' : 'list_item', line);
      });
    } else if (isObject(value)) {
      this.object(value, path, depth);
    } else {
      this.out.add('paragraph', scalar(value) ?? '');
    }
  }

  private object(value: JsonObject, path: string, depth: number): void {
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'string' && each.length > 200) {
        this.out.add('paragraph', `${key}: ${each}`);
      } else if (scalar(each) !== undefined) {
        this.out.add('list_item', `${key}: ${scalar(each)}`);
      } else if (each !== null) {
        const inner = path === '' ? key : `${path}.${key}`;
        const line = isObject(each) || depth >= LAST_HEADING_LEVEL ? record({ [inner]: each }) : undefined;
        if (line !== undefined) {
          if (line !== '') this.out.add('list_item', line);
          continue;
        }
        if (depth < LAST_HEADING_LEVEL) this.out.add('heading', key, { level: depth + 1 });
        this.read(each, depth < LAST_HEADING_LEVEL ? '' : inner, depth + 1);
      }
    }
  }
}

/** As JSON.parse, but numbers that would change are texts: long ids, prices with a zero at the end. */
function parse(text: string): Json {
  try {
    return JSON.parse(text, (_key, value: Json, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
        ? context.source
        : value,
    ) as Json;
  } catch (error) {
    // Its stack: values are looked at one inside the other.
    throw error instanceof RangeError ? tooDeep() : error;
  }
}

function parseLines(text: string): Json[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return lines.map(parse);
  } catch (error) {
    if (error instanceof ExtractError) throw error;
    return undefined;
  }
}

/** Records as lines, keys in front of their values, larger parts under headings; what does not parse is plain text. */
export function extractJson(bytes: Uint8Array): ExtractedText {
  const text = normaliseText(decodeText(bytes));
  let value: Json;
  let mime: string = MIME.json;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof ExtractError) throw error;
    const lines = parseLines(text);
    if (lines === undefined) return extractText(bytes);
    value = lines;
    mime = MIME.jsonl;
  }
  const reader = new JsonReader();
  reader.read(value, '');
  const title = isObject(value) ? (value['title'] ?? value['name']) : null;
  return {
    text: reader.out.toString(),
    blocks: reader.out.blocks,
    title: typeof title === 'string' ? titleOf(title) : null,
    mime,
    pages: null,
  };
}
