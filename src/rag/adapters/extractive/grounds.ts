import type { AnswerPassage } from '../../answer.types.js';
import { said, saidOfFile, type Anchor, type Said } from './asking/anchors.js';
import type { Wording } from './asking/question-wording.js';

/** A sentence with what belongs to it. */
export interface Stated {
  text: string;
  /** Other rows speak of others. */
  isRow: boolean;
  /** The sentence before it. */
  before: string;
  /** Labels above it. */
  above: readonly string[];
  /** What the passage says outside of tables. */
  aside: readonly string[];
}

/** Whether all anchors stand in a sentence, or where it belongs to. */
export type Grounds = (passage: AnswerPassage, stated: Stated) => boolean;

interface Ground {
  /** Title, headings and name of the file. */
  called: readonly Said[];
  /** Anchors that the whole passage holds. */
  inPassage: ReadonlySet<Anchor>;
  /** Names that other passages of the document, or its opening, hold outside of tables. */
  inDocument: ReadonlySet<Anchor>;
  anchors: readonly Anchor[];
  /** Anchors that nothing in the passage rivals. */
  unrivalled: ReadonlySet<Anchor>;
}

const isRow = (line: string): boolean => line.includes('|');
const withoutRows = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !isRow(line))
    .join('\n');

/**
 * In another language names are spelt otherwise: there they say nothing. A row is about what stands in it, above it and around
 * its table; a sentence of a text about what its passage names, and its document.
 */
export function groundsOf(
  anchors: readonly Anchor[],
  passages: readonly AnswerPassage[],
  { language }: Wording,
): Grounds {
  if (anchors.length === 0) return () => true;
  const named = anchors.filter((anchor) => anchor.kind === 'name');
  const documents = new Map<string, Set<Anchor>>();
  for (const { documentId, text, opening = '' } of passages) {
    const names = documents.get(documentId) ?? new Set<Anchor>();
    const prose = [text, ...(documents.has(documentId) ? [] : [opening])].map((one) =>
      said(withoutRows(one)),
    );
    documents.set(documentId, names);
    for (const name of named) if (prose.some((one) => name.isHeld(one))) names.add(name);
  }
  const grounds = new Map<AnswerPassage, Ground>();
  const groundOf = (passage: AnswerPassage): Ground => {
    const known = grounds.get(passage);
    if (known) return known;
    const { title, headings = [], fileName, text, documentId } = passage;
    const whole = said(text);
    const called = [said([title ?? '', ...headings].join('\n')), ...(fileName ? [saidOfFile(fileName)] : [])];
    const ground: Ground = {
      called,
      unrivalled: new Set(anchors.filter((anchor) => ![whole, ...called].some((one) => anchor.isRival(one)))),
      inPassage: new Set(anchors.filter((anchor) => anchor.isHeld(whole))),
      inDocument: documents.get(documentId) ?? new Set(),
      anchors: passage.language === undefined || passage.language === language ? anchors : times(anchors),
    };
    grounds.set(passage, ground);
    return ground;
  };
  return (passage, stated) => {
    const { called, inPassage, inDocument, unrivalled, anchors: needed } = groundOf(passage);
    let own: Said | undefined;
    const isHeld = (anchor: Anchor): boolean =>
      called.some((one) => anchor.isHeld(one)) ||
      inDocument.has(anchor) ||
      (stated.isRow
        ? inPassage.has(anchor) &&
          anchor.isHeld((own ??= said([stated.text, ...stated.above, ...stated.aside].join('\n'))))
        : inPassage.has(anchor));
    const years = needed.filter((anchor) => anchor.kind === 'year');
    const isUnrivalled = (anchor: Anchor): boolean =>
      unrivalled.has(anchor) ||
      (anchor.isOfSentence === true &&
        !stated.isRow &&
        ![said(periodOf(stated)), ...called].some((one) => anchor.isRival(one)));
    const isMeant = (anchor: Anchor): boolean =>
      isHeld(anchor) || ((!stated.isRow || anchor.kind === 'quarter') && isUnrivalled(anchor));
    // What is compared with another year need not name both.
    const isThen = years.length === 0 || years.some(isMeant);
    return isThen && needed.every((anchor) => anchor.kind === 'year' || isMeant(anchor));
  };
}

/** Where it names no year itself, a sentence goes on with that of the one before. */
const periodOf = ({ text, before, above }: Stated): string =>
  [...(/(?<!\d)(?:19|20)\d\d(?!\d)/.test(text) ? [] : [before]), text, ...above].join('\n');

const times = (anchors: readonly Anchor[]): Anchor[] => anchors.filter((anchor) => anchor.kind !== 'name');
