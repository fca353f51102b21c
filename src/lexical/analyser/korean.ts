export const HANGUL = /^[\uac00-\ud7a3]+$/;
/** Particles that are written behind a noun without a space, the longest first. */
const PARTICLE =
  /(?<=..)(?:에서는|에서도|으로는|으로도|에게서|이라는|에서|에게|으로|까지|부터|이나|처럼|보다|한테|은|는|이|가|을|를|에|의|로|와|과|도|만)$/;

/**
 * Emits a Korean word without its particle as its pairs of syllables: nouns are written together without a rule, so that
 * one word may hold several that are looked for.
 */
export function korean(word: string, emit: (token: string) => void): void {
  const noun = word.replace(PARTICLE, '');
  if (noun.length < 3) return emit(noun);
  for (let at = 0; at + 2 <= noun.length; at++) emit(noun.slice(at, at + 2));
}
