import { createRequire } from 'node:module';
import type * as Xlsx from '@e965/xlsx';

export interface CompoundFile {
  FullPaths: string[];
  FileIndex: { name: string; content: Uint8Array | number[] }[];
}

type SheetJs = typeof Xlsx & {
  CFB: { read(bytes: Uint8Array, options: { type: 'buffer' }): CompoundFile };
};

let library: SheetJs | undefined;

/** Loaded by `require`: the build for modules knows no code pages of old files. */
export const sheetJs = (): SheetJs => (library ??= createRequire(import.meta.url)('@e965/xlsx') as SheetJs);
