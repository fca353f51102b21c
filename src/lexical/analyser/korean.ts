import { stopWordsOf } from '../../common/search/stop-words.js';

export const HANGUL = /^[\uac00-\ud7a3]+$/;
/** What is written behind a noun without a space, the longest first. */
const PARTICLES =
  '에서는|에서도|으로는|으로도|에게서|이라는|에서|에게|으로|까지|부터|이나|처럼|보다|한테|은|는|이|가|을|를|에|의|로|와|과|도|만';
const PARTICLE = new RegExp(`(?<=..)(?:${PARTICLES})$`);
/** "Is it?", "was it?" and the like behind the word that asks. */
const ASKS =
  '이었습니까|였습니까|이었나요|였나요|이었어요|였어요|입니까|인가요|인지요|일까요|이에요|예요|이야|이죠|인지|인가|일까|죠';
const ASKED = new RegExp(`(?<=.)(?:${PARTICLES}|${ASKS})$`);

/**
 * Emits a Korean word without its particle as its pairs of syllables: nouns are written together without a rule, so that
 * one word may hold several that are looked for. Stop words stay whole, and lose what is behind them.
 */
export function korean(word: string, emit: (token: string) => void): void {
  const stopWords = stopWordsOf('ko');
  if (stopWords.has(word)) return emit(word);
  const asking = word.replace(ASKED, '');
  if (stopWords.has(asking)) return emit(asking);
  const noun = word.replace(PARTICLE, '');
  if (noun.length < 3) return emit(noun);
  for (let at = 0; at + 2 <= noun.length; at++) emit(noun.slice(at, at + 2));
}
