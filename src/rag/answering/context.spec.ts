import { estimateTokens } from '../../embeddings/token-counter.js';
import type { AnswerPassage } from '../answer.types.js';
import { fitPassages } from './context.js';

const passage = (docId: string, text: string, charStart = 0): AnswerPassage => ({
  chunkId: `chunk of ${docId} ${charStart}`,
  documentId: docId,
  docId,
  title: null,
  page: null,
  text,
  charStart,
  charEnd: charStart + text.length,
  score: 1,
});
const long = (docId: string, sentences: number): AnswerPassage =>
  passage(docId, 'The bridge carries trams over the river. '.repeat(sentences).trim(), 10);

describe('fitPassages', () => {
  test('keeps the order and everything that fits', () => {
    const all = [long('a', 3), long('b', 3), long('c', 3)];
    expect(fitPassages(all, 10_000)).toEqual(all);
    expect(fitPassages([], 100)).toEqual([]);
  });

  test('what comes later gives way; the first that does not fit is cut after a sentence', () => {
    const all = [long('a', 10), long('b', 100), long('c', 1)];
    const fitted = fitPassages(all, 600);
    expect(fitted.map(({ docId }) => docId)).toEqual(['a', 'b']);
    const [, piece] = fitted;
    expect(piece?.text.endsWith('river.')).toBe(true);
    expect(all[1]?.text.startsWith(piece?.text ?? '?')).toBe(true);
    expect(piece?.charEnd).toBe(10 + (piece?.text.length ?? 0));
    expect(fitted.reduce((sum, { text }) => sum + estimateTokens(text), 0)).toBeLessThanOrEqual(600);
  });

  test.each(['x'.repeat(50_000), '桥'.repeat(50_000), '𠀋'.repeat(20_000), 'word '.repeat(20_000)])(
    'a single passage beyond the budget is cut, between characters',
    (text) => {
      const [piece] = fitPassages([passage('a', text)], 300);
      expect(piece?.text.length).toBeGreaterThan(0);
      expect(piece?.text.isWellFormed()).toBe(true);
      expect(estimateTokens(piece?.text ?? '')).toBeLessThanOrEqual(300);
    },
  );

  test('a passage inside another one is left out', () => {
    const outer = long('a', 5);
    const inner = { ...long('a', 2), chunkId: 'inner' };
    expect(fitPassages([outer, inner, long('b', 2)], 10_000).map(({ docId }) => docId)).toEqual(['a', 'b']);
  });
});
