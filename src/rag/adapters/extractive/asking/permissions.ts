import type { Analyse } from '../../../analyse.types.js';
import type { Equivalent } from './equivalents.js';

/** Questions whether something is allowed. */
const MAY =
  /^\W*(?:may|can|could|must|should|am|are|is|do|does)\b.*\b(?:allowed|permitted|forbidden|prohibited)\b|^\W*may\b|^\W*(?:darf|dürfen)(?!\p{L})|^\W*(?:ist|sind)(?!\p{L}).*(?<!\p{L})(?:erlaubt|verboten|zulässig|gestattet)(?!\p{L})/iu;
/** Those that may ask for what is able or ready to do it just as well. */
const CAN =
  /^\W*(?:can|could) (?:i|we|you|one|employees|tenants?|members?)\b|^\W*(?:is|are)\b.*\b(?:possible|okay|ok)\b|^\W*(?:kann|können)(?!\p{L})|^\W*ist(?!\p{L}).*(?<!\p{L})möglich(?!\p{L})/iu;
const WORDS =
  /\b(?:allowed|permitted|possible|okay|forbidden|prohibited)\b|(?<!\p{L})(?:erlaubt|verboten|zulässig|gestattet|möglich)(?!\p{L})/giu;
const TOLD =
  /(?<!\p{L})(?:may|can|cannot|must|allow(?:s|ed)?|permit(?:s|ted)?|permissible|prohibited|forbidden|banned|requires?|needs?|approv(?:al|ed)|consent|possible|only|welcome|darf|dürfen|kann|können|erlaubt|verboten|zulässig|zugelassen|gestattet|genehmig\p{L}*|möglich)(?!\p{L})/iu;
const ABROAD =
  /(?<!\p{L})(?:abroad|overseas|(?:foreign|other|another|third) countr(?:y|ies)|outside (?:of )?(?:the|your|their)|countr(?:y|ies)|internationally|ausland|ausländisch\p{L}*|étranger|extranjero|estero|buitenland)(?!\p{L})/iu;

export const asksPermission = (question: string): boolean => MAY.test(question) || CAN.test(question);

/** Whether it asks for leave and nothing else, so that only what gives or refuses it answers. */
export const needsPermission = (question: string): boolean => MAY.test(question);

/** Whether a text tells what may be done. */
export const tellsPermission = (text: string): boolean => TOLD.test(text);

export const tellsOfAbroad = (text: string): boolean => ABROAD.test(text);

/** Words for what is allowed: any of them answers any other. */
export const permissionWordsOf = (question: string, analyse: Analyse, language?: string): Equivalent[] =>
  asksPermission(question)
    ? (question.match(WORDS) ?? []).map((word) => ({
        terms: analyse(word, language),
        held: (text: string) => TOLD.test(text),
      }))
    : [];

const countries = new Map<string, ReadonlySet<string>>();

/** Names of countries in a language, in small letters. */
export function isCountry(name: string, language: string): boolean {
  let names = countries.get(language);
  if (!names) countries.set(language, (names = new Set(namesOfCountries(language))));
  return names.has(name.toLowerCase());
}

function namesOfCountries(language: string): string[] {
  const called = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters
    .flatMap((a) => letters.map((b) => called.of(a + b)))
    .filter((name) => name !== undefined)
    .map((name) => name.toLowerCase());
}
