import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader } from './office-tree.js';
import { officeText, parseOffice } from './office.js';
import { checkZip } from './zip-guard.js';

/** Chapters in reading order. @throws as `extractDocx`. */
export async function extractEpub(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await parseOffice(bytes, 'epub');
  const reader = new OfficeTreeReader();
  reader.read(ast.content);
  return officeText(ast, reader, MIME.epub);
}
