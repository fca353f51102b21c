import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';
import { isFileError } from './upload-body.js';

export interface FoundFile {
  /** Where it is. */
  path: string;
  /** Its name below the folder, with `/` between the parts: what the document is known by. */
  name: string;
}

/** A folder whose files are not known. */
export interface Unreadable {
  name: string;
  code: string;
}

export interface Found {
  files: FoundFile[];
  unreadable: Unreadable[];
}

/** Not what people mean by "my documents". */
const isHidden = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

function statOf(wanted: string): fs.Stats | undefined {
  try {
    return fs.statSync(wanted, { throwIfNoEntry: false });
  } catch (error) {
    if (isFileError(error)) throw new StartError(`${wanted} cannot be read: ${error.code}`);
    throw error;
  }
}

/** Files below a folder, or those that a pattern names, in order. Hidden ones and symbolic links are passed over. */
export async function findFiles(wanted: string): Promise<Found> {
  const stat = statOf(wanted);
  if (stat?.isFile()) return { files: [{ path: wanted, name: path.basename(wanted) }], unreadable: [] };
  if (stat?.isDirectory()) return walk(wanted);
  if (!/[*?[{]/.test(wanted)) throw new StartError(`there is no ${wanted}`);
  const found: FoundFile[] = [];
  // The quotes that keep a shell from the pattern keep it from the home directory as well.
  const pattern = wanted.replace(/^~(?=\/)/, os.homedir());
  const base = baseOf(pattern);
  for await (const entry of fs.promises.glob(pattern, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = toName(path.relative(base, file));
    if (!name.split('/').some(isHidden)) found.push({ path: file, name });
  }
  return { files: sorted(found), unreadable: [] };
}

async function walk(folder: string): Promise<Found> {
  const found: FoundFile[] = [];
  const unreadable: Unreadable[] = [];
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entries = await fs.promises
      .readdir(next, { withFileTypes: true })
      .catch((error: unknown): string => {
        if (isFileError(error)) return error.code;
        throw error;
      });
    if (typeof entries === 'string') {
      if (next === folder) throw new StartError(`${folder} cannot be read: ${entries}`);
      unreadable.push({ name: `${toName(path.relative(folder, next))}/`, code: entries });
      continue;
    }
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const file = path.join(next, entry.name);
      if (entry.isDirectory()) open.push(file);
      else if (entry.isFile()) found.push({ path: file, name: toName(path.relative(folder, file)) });
    }
  }
  return { files: sorted(found), unreadable };
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
