import { numberOf, numbersIn, type Reference } from './asking/references.js';
import type { Question } from './asking/question.js';
import type { Label, ReadPassage } from './passage-reading.js';

type ReadSentence = ReadPassage['sentences'][number];
/** Sentences of the part that is asked about, each with the line that the part begins with. */
export type Parts = ReadonlyMap<ReadSentence, Label>;

/** A number alone tells a part only where no part has the word for it as well. */
export function partsAsked({ reference, terms }: Question, places: readonly ReadPassage[]): Parts {
  if (!reference) return new Map();
  const about = reference.about.filter((term) => terms.has(term));
  const named = places.filter(({ headings, sentences }) =>
    about.every((term) => headings.has(term) || sentences.some((sentence) => sentence.terms.has(term))),
  );
  const written = partsOf(reference, named, false);
  const isTold = reference.number.includes('.') || about.length > 0;
  return written.size === 0 && reference.kind.isBare && isTold ? partsOf(reference, named, true) : written;
}

function partsOf({ kind, number }: Reference, places: readonly ReadPassage[], isBare: boolean): Parts {
  const parts = new Map<ReadSentence, Label>();
  const begun = (line: string, isHeading: boolean): string | undefined =>
    numberOf(line, { kind, isBare, isHeading });
  for (const { passage, sentences } of places) {
    const heading = passage.headings?.findLast((one) => begun(one, true) === number);
    let part: Label | undefined = heading === undefined ? undefined : { text: heading, terms: new Set() };
    for (const sentence of sentences) {
      const isHeading = sentence.label !== undefined && !sentence.text.includes('|');
      const found = beginsLine(passage.text, sentence.start) ? begun(sentence.text, isHeading) : undefined;
      if (found === number) part = sentence;
      else if (found === undefined ? isHeading : !found.startsWith(`${number}.`)) part = undefined;
      if (part && !sentence.label) parts.set(sentence, part);
    }
  }
  return parts;
}

const beginsLine = (text: string, at: number): boolean =>
  !/[\p{L}\p{N}]/u.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at));

/**
 * Whether what stands in no part that is asked about is said of others: it names others of the kind, or nothing is asked
 * but what the part says.
 * @param called terms of the document's title
 */
export function isOfOtherPart(
  { reference, terms, named }: Question,
  text: string,
  called: ReadonlySet<string>,
): boolean {
  if (!reference || reference.isOneOfMany) return false;
  const told = numbersIn(text, reference.kind);
  const { number } = reference;
  if (told.some((one) => one === number || one.startsWith(`${number}.`) || number.startsWith(`${one}.`)))
    return false;
  const asksMore = (term: string): boolean =>
    terms.has(term) && !named.has(term) && !called.has(term) && !/^[\p{Nd}.]+$/u.test(term);
  return told.length > 0 || !reference.about.some(asksMore);
}
