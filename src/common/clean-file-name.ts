import path from 'node:path';
import { isStorableText } from './storable-text.js';

/** UTF-16 units. */
const MAX_NAME = 255;
/** What follows the last dot of a longer name is more likely a part of its words. */
const MAX_EXTENSION = 16;

/** Cut between characters; the extension stays, because it may tell the type. */
function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const extension = path.extname(name);
  const kept = extension.length <= MAX_EXTENSION ? extension : '';
  const stem = name.slice(0, MAX_NAME - kept.length).replace(/[\ud800-\udbff]$/, '');
  return stem.trimEnd() + kept;
}

/** Last part of a path, without what has no place in a name or a header; null where nothing is left. */
export function cleanFileName(raw: string | null): string | null {
  const last = raw?.split(/[/\\]/).at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- removing them is the point
  const plain = last.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
  const clean = shortened(plain.normalize('NFC').trim());
  return clean && isStorableText(clean) ? clean : null;
}

/** Browsers send file names as UTF-8 bytes, which the form parser reads as latin1. */
export function uploadedName(raw: string | undefined): string | null {
  if (!raw) return null;
  const bytes = Buffer.from(raw, 'latin1');
  const utf8 = bytes.toString('utf8');
  return cleanFileName(utf8.includes('\uFFFD') || bytes.toString('latin1') !== raw ? raw : utf8);
}
