import fs from 'node:fs';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';
import type { Judgements } from '../../common/search/ranking-quality.js';

export interface CorpusDocument {
  doc_id: string;
  text: string;
  title?: string;
}

export interface TestCollection {
  name: string;
  documents: CorpusDocument[];
  /** Documents left out because they hold no text at all. */
  empty: number;
  queries: { id: string; text: string }[];
  judgements: Map<string, Judgements>;
}

interface Line {
  _id: string;
  title?: string;
  text: string;
}

function lines(dir: string, file: string): string[] {
  try {
    return fs
      .readFileSync(path.join(dir, file), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    throw new StartError(`${path.join(dir, file)} cannot be read; a test collection has it`);
  }
}

const parsed = (dir: string, file: string): Line[] =>
  lines(dir, file).map((line) => JSON.parse(line) as Line);

/**
 * Reads a test collection in the layout of BEIR: `corpus.jsonl` `{_id, title, text}`, `queries.jsonl`
 * `{_id, text}`, and `qrels.tsv` with a header and query, document and grade apart by tabs.
 * @param limit keeps this many documents, those that were judged first
 * @throws StartError when a file is missing
 */
export function readCollection(dir: string, limit = Infinity): TestCollection {
  const judgements = new Map<string, Map<string, number>>();
  for (const line of lines(dir, 'qrels.tsv').slice(1)) {
    const [query = '', document = '', grade = '0'] = line.trim().split('\t');
    const judged = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, judged.set(document, Number(grade)));
  }
  const all = parsed(dir, 'corpus.jsonl');
  const documents = all.map(toDocument).filter((document) => document.text !== '');
  const queries = parsed(dir, 'queries.jsonl').map(({ _id, text }) => ({ id: _id, text }));
  const whole = { name: path.basename(path.resolve(dir)), empty: all.length - documents.length };
  if (documents.length <= limit) return { ...whole, documents, queries, judgements };
  return { ...whole, ...cut(documents, queries, judgements, limit) };
}

function toDocument({ _id, title = '', text }: Line): CorpusDocument {
  // A title alone is all there is to find.
  if (text.trim() === '') return { doc_id: _id, text: title.trim() };
  return title.trim() === '' ? { doc_id: _id, text } : { doc_id: _id, text, title };
}

/** The first queries whose relevant documents fit, these documents, and others up to the limit. */
function cut(
  documents: readonly CorpusDocument[],
  queries: TestCollection['queries'],
  judgements: Map<string, Judgements>,
  limit: number,
): Omit<TestCollection, 'name' | 'empty'> {
  const wanted = new Set<string>();
  const kept = queries.filter(({ id }) => {
    const relevant = [...(judgements.get(id) ?? [])].filter(([, grade]) => grade > 0).map(([doc]) => doc);
    const fits = relevant.length > 0 && wanted.size + relevant.length <= limit / 2;
    if (fits) for (const doc of relevant) wanted.add(doc);
    return fits;
  });
  const others = documents.filter(({ doc_id }) => !wanted.has(doc_id)).slice(0, limit - wanted.size);
  return {
    documents: [...documents.filter(({ doc_id }) => wanted.has(doc_id)), ...others],
    queries: kept,
    judgements: new Map([...judgements].filter(([id]) => kept.some((query) => query.id === id))),
  };
}
