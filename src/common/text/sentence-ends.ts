import { goesOn } from './goes-on.js';

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The number of an item or a title: what it counts stands behind it. */
const COUNTER = /^[\s*_#>|(-]*\d{1,3}(?:\.\d{1,3})*[.)]$/u;
const LONGEST_COUNTER = 30;

export const isCounter = (text: string, start = 0, end = text.length): boolean =>
  end - start <= LONGEST_COUNTER && COUNTER.test(text.slice(start, end));

/** Where the sentences of a paragraph end, with the white space behind each; a line break ends one, too. */
export function* sentenceEnds(text: string): Generator<number> {
  let start = 0;
  /** The end of the last word; white space may come in many segments. */
  let said = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.length;
    const words = segment.trimEnd().length;
    if (words > 0) said = index + words;
    const counts = isCounter(text, start, said) || isCounter(text, end);
    if (end < text.length && (counts || goesOn(text, start, said))) continue;
    yield end;
    start = end;
  }
}
