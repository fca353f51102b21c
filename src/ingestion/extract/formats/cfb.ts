import { MIME } from '../mime.js';
import { sheetJs, type CompoundFile } from './sheetjs.js';

function open(bytes: Uint8Array): CompoundFile | undefined {
  try {
    return sheetJs().CFB.read(bytes, { type: 'buffer' });
  } catch {
    return undefined;
  }
}

/** Streams of the container itself, not of what is embedded in it, tell the program that wrote it. */
const KINDS: [name: RegExp, mime: string][] = [
  [/^encryptedpackage$/, 'encrypted'],
  [/^powerpoint document$/, 'application/vnd.ms-powerpoint'],
  [/^worddocument$/, MIME.doc],
  [/^(?:workbook|book)$/, MIME.xls],
  [/^__properties_version1\.0$/, MIME.msg],
];

/** Which of the old Office formats a compound file is; `encrypted` for a new one behind a password. */
export function compoundType(bytes: Uint8Array): string | undefined {
  const names = new Set(
    open(bytes)
      ?.FullPaths.map((path) => path.split('/').filter((part) => part !== ''))
      .filter((parts) => parts.length === 2)
      .map((parts) => parts[1]!.toLowerCase()),
  );
  return KINDS.find(([pattern]) => [...names].some((name) => pattern.test(name)))?.[1];
}

/** The bytes of a stream of the container itself. */
export function streamOf(bytes: Uint8Array, name: string): Buffer | undefined {
  const container = open(bytes);
  const at = container?.FullPaths.findIndex(
    (path) =>
      path
        .split('/')
        .filter((part) => part !== '')
        .slice(1)
        .join('/') === name,
  );
  const content = at === undefined || at < 0 ? undefined : container?.FileIndex[at]?.content;
  return content ? Buffer.from(content) : undefined;
}
