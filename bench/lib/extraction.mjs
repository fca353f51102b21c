import fs from 'node:fs';
import path from 'node:path';
import { Extractor } from '../../dist/ingestion/extract/extractor.service.js';

export const sharedFiles = path.resolve(process.env.SHARED_DIR ?? '../shared', 'files');

export function listFiles() {
  return fs
    .readdirSync(sharedFiles, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(path.join(sharedFiles, name)).isFile())
    .toSorted();
}

/** The reader as the server has it, without the rest of the server. */
export const makeExtractor = (settings = {}) =>
  new Extractor({
    extractTimeout: 60,
    extractMemory: 1024 ** 3,
    extractProcesses: 1,
    ocr: true,
    ocrLanguages: ['eng'],
    ...settings,
  });

export const formatOf = (name) => path.extname(name).slice(1).toLowerCase();

/** Highest resident memory of the reading processes of this process, in MiB, from Linux's own count. */
export function watchChildren() {
  let peak = 0;
  const look = () => {
    for (const name of fs.readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const status = fs.readFileSync(`/proc/${name}/status`, 'utf8');
        if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== process.pid) continue;
        peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // It has just ended.
      }
    }
  };
  const timer = fs.existsSync('/proc/self/status') ? setInterval(look, 50) : undefined;
  return {
    reset: () => void (peak = 0),
    peak: () => (look(), peak),
    stop: () => clearInterval(timer),
  };
}
