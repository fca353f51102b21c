/** Pairs of stars around words, as Markdown has them; `2 ** 3` and a lone star are none. */
const EMPHASIS = /(?<![\p{L}\p{N}*\\])(\*{1,3})(?=[^\s*])([^*]*[^\s*\\])\1(?![\p{L}\p{N}*])/gu;

/** A quote as it is shown, without the stars of Markdown. */
export const withoutEmphasis = (text: string): string => text.replace(EMPHASIS, '$2');
