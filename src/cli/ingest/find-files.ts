import fs from 'node:fs';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';

export interface FoundFile {
  /** Where it is. */
  path: string;
  /** Its name below the folder, with `/` between the parts: what the document is known by. */
  name: string;
}

/** Not what people mean by "my documents". */
const isHidden = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

/** Files below a folder, or those that a pattern names, in order. Hidden ones and symbolic links are passed over. */
export async function findFiles(wanted: string): Promise<FoundFile[]> {
  const stat = fs.statSync(wanted, { throwIfNoEntry: false });
  if (stat?.isFile()) return [{ path: wanted, name: path.basename(wanted) }];
  if (stat?.isDirectory()) return walk(wanted);
  if (!/[*?[{]/.test(wanted)) throw new StartError(`there is no ${wanted}`);
  const found: FoundFile[] = [];
  const base = baseOf(wanted);
  for await (const entry of fs.promises.glob(wanted, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = toName(path.relative(base, file));
    if (!name.split('/').some(isHidden)) found.push({ path: file, name });
  }
  return sorted(found);
}

async function walk(folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of await fs.promises.readdir(next, { withFileTypes: true })) {
      if (isHidden(entry.name)) continue;
      const file = path.join(next, entry.name);
      if (entry.isDirectory()) open.push(file);
      else if (entry.isFile()) found.push({ path: file, name: toName(path.relative(folder, file)) });
    }
  }
  return sorted(found);
}

/** The folders in front of a pattern's first wildcard. */
function baseOf(pattern: string): string {
  const parts = pattern.split('/');
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => /[*?[{]/.test(part)),
  );
  return fixed.length === 0 ? '.' : fixed.join('/') || '/';
}

const toName = (relative: string): string => relative.split(path.sep).join('/').normalize('NFC');
const sorted = (files: FoundFile[]): FoundFile[] => files.sort((a, b) => (a.name < b.name ? -1 : 1));
