import type { Analyse } from '../../../analyse.types.js';
import type { Equivalent } from './equivalents.js';
import { folded } from './name-words.js';
import type { Expectation } from './question-wording.js';
import { wholeWords } from './whole-words.js';

/** A line that names what it tells: `Owner: Ann`, `**Due date:** 3 May`. */
const FIELD = /^[*_]{0,3}(\p{L}[^:：|=\n]{0,40}?)[*_]{0,3}\s?[:：][*_]{0,3}\s*(\S.*)$/su;
const MOST_WORDS = 4;

export interface Field {
  name: string;
  value: string;
}

export function fieldOf(text: string): Field | undefined {
  const [, name, value] = FIELD.exec(text) ?? [];
  if (name === undefined || value === undefined || value.startsWith('//')) return undefined;
  return name.split(/\s+/u).length <= MOST_WORDS ? { name, value } : undefined;
}

/** Names of fields that tell the kind of thing asked for whatever their value looks like. */
const TOLD: Partial<Record<Expectation, RegExp>> = {
  person: wholeWords(
    'owner|author|editor|contact|responsible|from|by|manager|lead|chair|approver|verantwortlich|ansprechpartner(?:in)?|autor(?:in)?|von|responsable|auteur',
  ),
  place: wholeWords('place|location|venue|where|room|address|site|ort|adresse|raum|lieu|adresse|lugar|luogo'),
  time: wholeWords(
    'dates?|due|deadline|valid|effective|when|time|since|until|datum|gültig|stand|frist|fällig|date|fecha',
  ),
};

export const tellsKind = ({ name }: Field, kind: Expectation): boolean => TOLD[kind]?.test(name) ?? false;

const compact = (text: string): string =>
  folded(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Whether its value stands in the question: `Invoice number: 4711` says nothing to who asks about invoice 4711. */
export const isKnown = ({ value }: Field, question: string): boolean =>
  ` ${compact(question)} `.includes(` ${compact(value)} `);

/** What questions and fields call the same. */
const CALLED: readonly { asked: RegExp; told: RegExp }[] = [
  {
    asked: wholeWords('own|owns|owned|owner|responsible|in charge|verantwortlich|zuständig'),
    told: wholeWords(
      'owned|owners?|responsible|in charge|accountable|maintainers?|verantwortlich|zuständig|inhaber(?:in)?',
    ),
  },
  {
    asked: wholeWords('wrote|written|writes?|sent|sends?|e-?mails?|mails?|messages?'),
    told: /^[*_]{0,3}(?:from|sent|date|to|author|written by|by|sender|von|gesendet|datum|autor)[*_]{0,3}\s?:/imu,
  },
  {
    asked: wholeWords('in force|effective|valid|appl(?:y|ies)|takes? effect'),
    told: wholeWords('in force|effective|valid|appl(?:y|ies)|takes? effect|gültig|gilt'),
  },
  {
    asked: wholeWords('held|meet|met|meeting|takes? place|took place'),
    told: /^[*_]{0,3}(?:place|location|venue|where|room|ort|lieu|lugar)[*_]{0,3}\s?:/imu,
  },
  {
    asked: wholeWords('took the (?:notes|minutes)|takes? the (?:notes|minutes)'),
    told: /^[*_]{0,3}(?:notes|minutes|note-?taker|recorded by|secretary)[*_]{0,3}\s?:/imu,
  },
  { asked: wholeWords('absent|missing'), told: wholeWords('absent|apologies|excused|not present') },
  {
    asked: wholeWords('attended|attend|present|participated|there'),
    told: wholeWords('present|attendees|participants|attended'),
  },
];
export const fieldWordsOf = (question: string, analyse: Analyse, language?: string): Equivalent[] =>
  CALLED.flatMap(({ asked, told }): Equivalent[] => {
    const found = asked.exec(question)?.[0];
    return found === undefined ? [] : [{ terms: analyse(found, language), held: (text) => told.test(text) }];
  });
