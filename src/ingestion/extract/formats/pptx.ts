import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader } from './office-tree.js';
import { officeText, parseOffice } from './office.js';
import { checkZip, readEntries, readEntry } from './zip-guard.js';

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

/** Numbers of the slides that are not shown; none where the files that say so cannot be read. */
async function hiddenSlides(bytes: Uint8Array): Promise<Set<number>> {
  const hidden = new Set<number>();
  const [show, relations] = await Promise.all([
    readEntry(bytes, 'ppt/presentation.xml'),
    readEntry(bytes, 'ppt/_rels/presentation.xml.rels'),
  ]);
  if (show === undefined || relations === undefined) return hidden;
  const targets = new Map<string, string>();
  for (const [tag] of relations.matchAll(/<Relationship\s[^>]*>/g))
    targets.set(attribute(tag, 'Id') ?? '', attribute(tag, 'Target') ?? '');
  const names = [...show.matchAll(/<p:sldId\s[^>]*>/g)].map(([tag]) =>
    (targets.get(attribute(tag, 'r:id') ?? '') ?? '').replace(/^\/?(?:ppt\/)?/, 'ppt/'),
  );
  const slides = await readEntries(bytes, new Set(names));
  for (const [i, name] of names.entries()) {
    const root = /<p:sld\s[^>]*>/.exec(slides.get(name)?.slice(0, 4096) ?? '')?.[0] ?? '';
    if (/^(?:0|false)$/.test(attribute(root, 'show') ?? '')) hidden.add(i + 1);
  }
  return hidden;
}

/**
 * Slides with their titles, texts, tables, chart data and speaker notes; hidden ones are marked as such.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`.
 */
export async function extractPptx(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await parseOffice(bytes, 'pptx');
  const reader = new OfficeTreeReader(await hiddenSlides(bytes));
  reader.read(ast.content);
  return officeText(ast, reader, MIME.pptx);
}
