import { goesOn } from '../../common/text/goes-on.js';

/** Whether a text ends with a mark that ends no sentence, as that of an abbreviation, with what may stand behind it. */
export const endsAbbreviated = (text: string, start = 0, end = text.length): boolean =>
  goesOn(text, start, end);
