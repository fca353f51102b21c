import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader } from './office-tree.js';
import { officeText, parseOffice } from './office.js';
import { checkZip } from './zip-guard.js';

/**
 * Paragraphs, headings, lists, tables and footnotes of a Word document. Running heads and comments are left out.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`.
 */
export async function extractDocx(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await parseOffice(bytes, 'docx');
  const reader = new OfficeTreeReader();
  reader.read(ast.content);
  return officeText(ast, reader, MIME.docx);
}
