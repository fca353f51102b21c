import fs from 'node:fs';
import path from 'node:path';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

const folder = path.join(process.env['SHARED_DIR'] ?? path.resolve('..', 'shared'), 'eval', 'xquad-en');
const present = fs.existsSync(path.join(folder, 'corpus.jsonl'));
if (!present) {
  const missing = `${folder} is missing: set SHARED_DIR to the folder that holds eval/xquad-en`;
  if (process.env['REQUIRE_SHARED'] === '1') throw new Error(missing);
  console.warn(`skipped: ${missing}`);
}

interface Paragraph {
  _id: string;
  title: string;
  text: string;
}

const lines = (file: string): string[] => fs.readFileSync(path.join(folder, file), 'utf8').trim().split('\n');
const CANDIDATES = 5;
const EVERY = 4;

/** The plain BM25 of a few hundred paragraphs: what a reader of these figures can reproduce. */
function bm25(corpus: readonly Paragraph[]): (question: string) => AnswerPassage[] {
  const frequencies = corpus.map((paragraph) => {
    const counts = new Map<string, number>();
    for (const term of analyse(`${paragraph.title}\n${paragraph.text}`))
      counts.set(term, (counts.get(term) ?? 0) + 1);
    return counts;
  });
  const lengths = frequencies.map((counts) => [...counts.values()].reduce((sum, count) => sum + count, 0));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const documents = new Map<string, number>();
  for (const counts of frequencies)
    for (const term of counts.keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  return (question) => {
    const terms = new Set(analyse(question));
    const scored = corpus.map(({ _id: id, title, text }, i) => {
      let score = 0;
      for (const term of terms) {
        const count = frequencies[i]?.get(term) ?? 0;
        const held = documents.get(term) ?? 0;
        const rarity = Math.log(1 + (corpus.length - held + 0.5) / (held + 0.5));
        score += (rarity * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * (lengths[i] ?? 0)) / mean));
      }
      const span = { page: null, charStart: 0, charEnd: text.length };
      return { chunkId: id, documentId: id, docId: id, title, text, ...span, score };
    });
    return scored.sort((a, b) => b.score - a.score).slice(0, CANDIDATES + 1);
  };
}

(present ? test : test.skip)(
  'on XQuAD the first quote comes from the right paragraph, and without that paragraph most questions are refused',
  async () => {
    const corpus = lines('corpus.jsonl').map((line) => JSON.parse(line) as Paragraph);
    const right = new Map(
      lines('qrels.tsv')
        .slice(1)
        .map((line) => line.split('\t').slice(0, 2) as [string, string]),
    );
    const search = bm25(corpus);
    const answerer = new ExtractiveAnswerer({ analyse });
    const first = async (question: string, passages: AnswerPassage[]): Promise<string | null> => {
      let cited: string | null = null;
      for await (const event of answerer.answer({ question, passages }))
        if (event.type === 'citation') cited ??= event.citation.docId;
      return cited;
    };
    const counts = { there: 0, answered: 0, fromRight: 0, removed: 0, refused: 0 };
    for (const [i, line] of lines('queries.jsonl').entries()) {
      if (i % EVERY !== 0) continue;
      const { _id: id, text: question } = JSON.parse(line) as { _id: string; text: string };
      const found = search(question);
      const best = found.slice(0, CANDIDATES);
      const wanted = right.get(id);
      if (best.some((passage) => passage.docId === wanted)) {
        counts.there++;
        const cited = await first(question, best);
        if (cited) counts.answered++;
        if (cited === wanted) counts.fromRight++;
      }
      counts.removed++;
      const others = found.filter((passage) => passage.docId !== wanted).slice(0, CANDIDATES);
      if ((await first(question, others)) === null) counts.refused++;
    }
    const figures = {
      answered: counts.answered / counts.there,
      fromRight: counts.fromRight / counts.answered,
      refused: counts.refused / counts.removed,
    };
    expect(counts.there).toBeGreaterThan(250);
    expect(figures.answered).toBeGreaterThan(0.8);
    expect(figures.fromRight).toBeGreaterThan(0.93);
    expect(figures.refused).toBeGreaterThan(0.75);
  },
);
