import { createRequire } from 'node:module';
import fs from 'node:fs/promises';
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium';

/** Views of the engine's memory, made anew when it grows: never kept. Its own types need Emscripten's, which are not installed. */
interface Memory {
  readonly HEAPU8: Uint8Array;
  readonly HEAPF32: Float32Array;
}
export const memoryOf = (api: WrappedPdfiumModule): Memory => api.pdfium as unknown as Memory;

let engine: Promise<WrappedPdfiumModule> | undefined;

/** PDFium as WebAssembly, read from the installed package: left alone it would ask a CDN for it. */
async function load(): Promise<WrappedPdfiumModule> {
  const file = createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm');
  const wasm = await fs.readFile(file);
  const pdfium = await init({
    wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength),
  });
  pdfium.PDFiumExt_Init();
  return pdfium;
}

/** The engine, which every document of the process shares. */
export const pdfium = (): Promise<WrappedPdfiumModule> => (engine ??= load());
