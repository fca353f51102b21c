/** From so many words in capitals on, without a letter that is none, capitals say nothing about any of them. */
const SHOUTED = 4;

/** A question as it would be typed quietly: in small letters, if it is all in capitals. */
export const calm = (text: string): string =>
  !/\p{Ll}/u.test(text) && (text.match(/\p{Lu}{2,}/gu) ?? []).length >= SHOUTED ? text.toLowerCase() : text;
