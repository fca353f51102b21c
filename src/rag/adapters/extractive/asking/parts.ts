import { carryOver } from '../../../follow-up/carry-over.js';
import type { Analyse } from '../../../analyse.types.js';
import { wordingFor } from './question-wording.js';

/** Parts of one question beyond these are not asked for on their own. */
const MOST = 3;
const AND = /\s*,?\s+(?:and|und|et|y|e|en|og|och)\s+/giu;
/** What may stand before a word that asks: "by when", "in which year", "nach wie vielen". */
const BEFORE = /^(?:(?:by|since|until|till|from|at|in|for|to|on|with|nach|ab|bis|seit|mit|in|von)\s+)?$/iu;
const WHAT = /(?<!\p{L})(?:what|which|was|welche[rsnm]?)(?!\p{L})/iu;
/** Behind one that is not the first word a second one goes on with what it says: "the man who sang and who lived there". */
const CLAUSE = /(?<=\S\s+(?:\S+\s+)*)(?:who|which|that|der|die|das|qui|que|dat|die)(?!\p{L})/iu;

/** "What is the rent and who pays it?" as its questions, each of which stands alone; one where it asks one thing. */
export function partsOf(question: string, analyse: Analyse, language?: string): string[] {
  const { kinds } = wordingFor(question, language);
  const asksAt = (text: string): number =>
    Math.min(...[...kinds.map(([pattern]) => pattern), WHAT].map((one) => one.exec(text)?.index ?? Infinity));
  const asks = (text: string): boolean => {
    const at = asksAt(text);
    return at < text.length && BEFORE.test(text.slice(0, at));
  };
  const parts: string[] = [];
  let start = 0;
  for (const { index, 0: joint } of question.matchAll(AND)) {
    const [first, rest] = [question.slice(start, index), question.slice(index + joint.length)];
    if (parts.length + 1 >= MOST || !asks(rest) || !asks(first.trim()) || CLAUSE.test(first)) continue;
    parts.push(first);
    start = index + joint.length;
  }
  if (parts.length === 0) return [question];
  const [whole, ...others] = [...parts, question.slice(start)].map((part) =>
    /[?？]\s*$/u.test(part) ? part.trim() : `${part.trim()}?`,
  );
  // "How long is the leave" is carried without what it asks with.
  const said = kinds.reduce((text, [pattern]) => text.replace(pattern, ' '), whole!).trim();
  const before = { question: said, standalone: said, answer: '', supported: true };
  return [whole!, ...others.map((part) => carryOver(part, [before], analyse))];
}
