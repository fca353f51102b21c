/**
 * Characters that are not seen but are read by a machine: direction marks, word joiners, tags and supplementary
 * variation selectors, in which whole sentences can be hidden; and control characters. Joiners that shape words
 * (Persian, Hindi) and emoji stay.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** The text as a person sees it. */
export const visible = (text: string): string => text.replace(HIDDEN, '');
