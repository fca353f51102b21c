/** A character of a longer name, in which the word is not meant. */
const NAME = /[\p{L}\p{N}_]/u;
/** Blanks and signs that the word is wrapped in go with it. */
const BEFORE = /[ \t]*["'`*(]{0,3}$/;
const BEHIND = /^["'`*).]*/;
/** No words yet. */
const NOTHING = /^[\s"'`*(]*$/;
const MOST_NOTHING = 100;
/** As much of a text's end as may belong to the word. */
const LONGEST_END = 40;

/**
 * Takes the word for "no answer" out of what a model says, as it arrives: what may become the word is held back. An answer
 * that begins with it says nothing else.
 */
export class NoAnswerWord {
  /** Nothing was said before the word: all that follows is left out. */
  alone = false;
  /** The word was said somewhere. */
  found = false;
  private begun = false;
  private behind = false;
  private held = '';
  /** The last character that was let out. */
  private last = '';
  /** What the word may begin with at a text's end. */
  private readonly part: RegExp;

  constructor(private readonly word: string) {
    const part = [...word].reduceRight((rest, letter) => `(?:${letter}${rest})?`, '');
    this.part = new RegExp(BEFORE.source.replace('$', `${part}$`));
  }

  push(text: string): string {
    return this.take(this.held + text, false);
  }

  /** Before what is no text, and at the end. */
  flush(): string {
    const rest = this.take(this.held, true);
    this.begun = true;
    return rest;
  }

  private take(text: string, complete: boolean): string {
    this.held = '';
    if (this.alone) return '';
    let out = '';
    let from = this.behind ? wrapping(text) : 0;
    for (let at = text.indexOf(this.word); at >= 0; at = text.indexOf(this.word, at + 1)) {
      const end = at + this.word.length;
      if (end === text.length && !complete) break;
      if (NAME.test(text[at - 1] ?? this.last) || NAME.test(text[end] ?? '')) continue;
      this.found = true;
      this.behind = true;
      const before = text.slice(from, at);
      this.alone = !this.begun && NOTHING.test(before);
      if (this.alone) return '';
      this.begun = true;
      out += before.slice(0, before.length - endOf(before, BEFORE));
      from = end + wrapping(text.slice(end));
    }
    const rest = text.slice(from);
    if (rest !== '') this.behind = false;
    const keep = complete ? 0 : this.mayBecome(rest);
    out += rest.slice(0, rest.length - keep);
    this.held = rest.slice(rest.length - keep);
    this.begun ||= !NOTHING.test(out);
    this.last = out.at(-1) ?? this.last;
    return out;
  }

  private mayBecome(text: string): number {
    if (!this.begun && text.length < MOST_NOTHING) {
      const words = text.slice(0, text.length - endOf(text, this.part));
      if (NOTHING.test(words)) return text.length;
    }
    return endOf(text, this.part);
  }
}

const wrapping = (text: string): number => BEHIND.exec(text)?.[0].length ?? 0;
const endOf = (text: string, pattern: RegExp): number =>
  pattern.exec(text.slice(-LONGEST_END))?.[0].length ?? 0;
