import type { Evidence } from './evidence.js';
import type { Question } from './question.js';
import { SUPPORTED_FROM, type Judged } from './support.js';

const MAX_QUOTES = 3;
/** A further sentence is quoted only when it is nearly as good as the best one. */
const NEARLY = 0.9;

/**
 * The best sentence first, then others nearly as good; an explanation also goes on for a sentence. What stands below
 * the question itself is quoted from its beginning, in order.
 */
export function choose(
  question: Question,
  ranked: readonly Judged[],
  evidence: readonly Evidence[],
): Evidence[] {
  const [best] = ranked;
  if (!best) return [];
  if (best.answersTo) return beginning(best, evidence);
  const chosen: Evidence[] = [best];
  const said = new Set([key(best)]);
  const add = (sentence: Evidence): void => {
    if (chosen.length >= MAX_QUOTES || said.has(key(sentence))) return;
    said.add(key(sentence));
    chosen.push(sentence);
  };
  if (question.expects === 'explanation') {
    const next = evidence.find((e) => e.passage === best.passage && e.ordinal === best.ordinal + 1);
    if (next?.adds && !next.labelsOnly) add(next);
  }
  for (const sentence of ranked.slice(1)) {
    if (sentence.support >= SUPPORTED_FROM && sentence.score >= NEARLY * best.score) add(sentence);
  }
  return chosen;
}

/** The first paragraph or items of what answers, up to so many quotes. */
function beginning({ passage, answersTo }: Evidence, evidence: readonly Evidence[]): Evidence[] {
  const chosen: Evidence[] = [];
  for (const sentence of evidence) {
    if (sentence.passage !== passage || sentence.answersTo !== answersTo) continue;
    const last = chosen.at(-1);
    const goesOn = !last || !sentence.opens || sentence.isItem || last.text.endsWith(':');
    if (!goesOn || (last && sentence.ordinal !== last.ordinal + 1)) break;
    if (chosen.push(sentence) >= MAX_QUOTES) break;
  }
  return chosen;
}

/** The same sentence in two documents is quoted once. */
const key = (sentence: Evidence): string => sentence.text.replace(/\s+/g, ' ').toLowerCase();
