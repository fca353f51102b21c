import path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * The compiled file of a worker or child process that stands beside the caller. Tests run the sources, but a
 * thread of its own needs JavaScript: it is taken from the last build (`npm test` builds first).
 */
export function workerUrl(callerUrl: string, file: string): URL {
  const beside = path.resolve(path.dirname(fileURLToPath(callerUrl)), file);
  const sources = path.join(root, 'src');
  if (!beside.startsWith(sources + path.sep)) return pathToFileURL(beside);
  return pathToFileURL(path.join(root, 'dist', path.relative(sources, beside)));
}
