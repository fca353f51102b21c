import fs from 'node:fs';
import { StartError } from '../../config/config-error.js';
import type { RetrievalMode } from '../../rag/retrieval.types.js';
import type { QueryFigures, QueryResult } from './run-eval.js';

/** One line of a stored run. */
interface Line extends QueryResult {
  mode: RetrievalMode;
}

/** Writes one line of JSON for each query and mode: its figures and the documents it was given, best first. */
export function writeRun(file: string, asked: readonly QueryFigures[]): void {
  const lines = asked.flatMap(({ mode, results }) =>
    results.map((result) => JSON.stringify({ mode, ...result } satisfies Line)),
  );
  try {
    fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  } catch (error) {
    throw new StartError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * nDCG@10 by query of each mode in a stored run.
 * @throws StartError when the file is not one
 */
export function readRun(file: string): Map<string, Map<string, number>> {
  const modes = new Map<string, Map<string, number>>();
  try {
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
      if (line.trim() === '') continue;
      const { mode, query, ndcg10 } = JSON.parse(line) as Partial<Line>;
      if (mode === undefined || query === undefined || typeof ndcg10 !== 'number')
        throw new Error('a line lacks mode, query or ndcg10');
      modes.set(mode, (modes.get(mode) ?? new Map<string, number>()).set(query, ndcg10));
    }
  } catch (error) {
    throw new StartError(`${file} is no run that --output wrote: ${(error as Error).message}`);
  }
  return modes;
}
