import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { OfficeTreeReader } from './office-tree.js';
import { officeText, parseOffice } from './office.js';
import { checkZip } from './zip-guard.js';

async function extract(bytes: Uint8Array, fileType: 'odt' | 'odp'): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await parseOffice(bytes, fileType);
  const reader = new OfficeTreeReader();
  reader.read(ast.content);
  return officeText(ast, reader, MIME[fileType]);
}

/** Text documents of LibreOffice. @throws as `extractDocx`. */
export const extractOdt = (bytes: Uint8Array): Promise<ExtractedText> => extract(bytes, 'odt');

/** Presentations of LibreOffice. @throws as `extractDocx`. */
export const extractOdp = (bytes: Uint8Array): Promise<ExtractedText> => extract(bytes, 'odp');
