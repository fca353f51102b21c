import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader } from './office-tree.js';
import { officeText, parseOffice } from './office.js';

/** @throws ExtractError `document_corrupt`, `document_too_large`. */
export async function extractRtf(bytes: Uint8Array): Promise<ExtractedText> {
  const ast = await parseOffice(bytes, 'rtf');
  const reader = new OfficeTreeReader();
  reader.read(ast.content);
  return officeText(ast, reader, MIME.rtf);
}
