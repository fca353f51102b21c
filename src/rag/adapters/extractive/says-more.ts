import type { Analyse } from '../../analyse.types.js';
import { formsIn } from './asking/anchors.js';
import type { Question } from './asking/question.js';
import type { ReadPassage } from './passage-reading.js';

/** A field tells even where all its words are known. */
const NAMED_VALUE = /[\p{L}\p{N})][*_]{0,3}[:：=]\s*\S|[|\t]/u;

/** Whether a sentence holds more than the question, its headings, and what companies are as a form. */
export function saysMore(
  question: Question,
  { headings, passage }: ReadPassage,
  { sentence, analyse }: { sentence: { terms: ReadonlySet<string>; text: string }; analyse: Analyse },
): boolean {
  const { terms, text } = sentence;
  if (NAMED_VALUE.test(text)) return true;
  const isNew = (term: string): boolean =>
    !question.terms.has(term) && !question.scaffold.has(term) && !headings.has(term);
  const added = [...terms].filter(isNew);
  if (added.length === 0) return false;
  const forms = new Set(analyse(formsIn(text).join(' '), passage.language));
  return added.some((term) => !forms.has(term));
}
