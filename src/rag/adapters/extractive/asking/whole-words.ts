/** Finds any of these words where it stands by itself, whatever its case. @param words alternatives of a pattern */
export const wholeWords = (words: string): RegExp =>
  new RegExp(String.raw`(?<!\p{L})(?:${words})(?!\p{L})`, 'iu');
