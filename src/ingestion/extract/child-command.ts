import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from './installed.js';

export interface ChildLimits {
  /** Bytes that the process may hold. */
  memory: number;
  /** What `networkIsolation` found. */
  isolation: string[];
}

const MIB = 1024 * 1024;
/** Address space that V8 and WebAssembly ask for beyond what they use. */
const DATA_HEADROOM = 1536 * MIB;

const prlimit = installed('prlimit');
const setpriv = installed('setpriv');

/** The child reads the program and its libraries and nothing else: no document, no secret, no database. */
function readable(entry: string): string[] {
  const root = path.resolve(import.meta.dirname, '../../..');
  const library = createRequire(import.meta.url).resolve('@embedpdf/pdfium');
  const marker = `${path.sep}node_modules${path.sep}`;
  const modules = library.slice(0, library.lastIndexOf(marker) + marker.length);
  // The entry stands in dist/ingestion/extract.
  const program = `${path.resolve(path.dirname(entry), '../..')}${path.sep}`;
  return [program, modules, path.join(root, 'package.json')].filter((file) => fs.existsSync(file));
}

/**
 * Command line of the child: no writing, no processes, no workers, no addons, and no network and bounded memory as
 * far as the system has them, and an end with its parent even when that is killed.
 */
export function childCommand(entry: URL, limits: ChildLimits): { command: string; args: string[] } {
  const file = fileURLToPath(entry);
  const node = [
    process.execPath,
    ...(process.allowedNodeEnvironmentFlags.has('--permission')
      ? ['--permission', ...readable(file).map((p) => `--allow-fs-read=${p}`)]
      : []),
    // The heap alone; buffers and WebAssembly come on top, which the other limits see.
    `--max-old-space-size=${Math.max(64, Math.floor((limits.memory * 0.75) / MIB))}`,
    '--no-warnings',
    file,
  ];
  const wrapped = [
    // First: what comes later would forget to end with its parent in it.
    ...limits.isolation,
    ...(setpriv ? [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--'] : []),
    ...(prlimit ? [prlimit, `--data=${limits.memory + DATA_HEADROOM}`, '--core=0', '--fsize=0', '--'] : []),
    ...node,
  ];
  return { command: wrapped[0]!, args: wrapped.slice(1) };
}
