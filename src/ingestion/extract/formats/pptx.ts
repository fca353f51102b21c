import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader, type SlideFacts } from './office-tree.js';
import { officeText, parseOffice } from './office.js';
import { checkZip, readEntry } from './zip-guard.js';

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

/**
 * Slides by the number in their file's name, which says when they were made: the order of the show and which of
 * them are hidden stand in other files. Empty when those cannot be read; the file names decide then.
 */
async function slideFacts(bytes: Uint8Array): Promise<Map<number, SlideFacts>> {
  const facts = new Map<number, SlideFacts>();
  const [show, relations] = await Promise.all([
    readEntry(bytes, 'ppt/presentation.xml'),
    readEntry(bytes, 'ppt/_rels/presentation.xml.rels'),
  ]);
  if (show === undefined || relations === undefined) return facts;
  const targets = new Map<string, string>();
  for (const [tag] of relations.matchAll(/<Relationship\s[^>]*>/g))
    targets.set(attribute(tag, 'Id') ?? '', attribute(tag, 'Target') ?? '');
  let position = 0;
  for (const [tag] of show.matchAll(/<p:sldId\s[^>]*>/g)) {
    const target = targets.get(attribute(tag, 'r:id') ?? '') ?? '';
    const number = Number(/slide(\d+)\.xml$/.exec(target)?.[1]);
    position++;
    if (!Number.isSafeInteger(number)) continue;
    const slide = await readEntry(bytes, `ppt/slides/slide${number}.xml`);
    const root = /<p:sld\s[^>]*>/.exec(slide?.slice(0, 4096) ?? '')?.[0] ?? '';
    facts.set(number, { position, isHidden: /^(?:0|false)$/.test(attribute(root, 'show') ?? '') });
  }
  return facts;
}

/**
 * Slides with their titles, texts, tables, chart data and speaker notes; hidden ones are marked as such.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`.
 */
export async function extractPptx(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await parseOffice(bytes, 'pptx');
  const reader = new OfficeTreeReader(await slideFacts(bytes));
  reader.read(ast.content);
  return officeText(ast, reader, MIME.pptx);
}
