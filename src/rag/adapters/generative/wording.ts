import type { AnswerEvent } from '../../answer.types.js';
import { withoutBlanks } from '../../text/closing-mark.js';

/** As much of an answer as a claim is looked for in. */
const CLAIM = 600;
/** Blanks in a row that are shown; only a model that does not come to an end writes more. */
const MOST_BLANKS = 300;
const MORE_BLANKS = new RegExp(`(?<![ \\t])([ \\t]{${MOST_BLANKS}})[ \\t]+`, 'g');
const SENTENCE_ENDS = '.!?。！？';

/** What the model says around its marks: the claim that a mark belongs to, and the spaces before a dropped one. */
export class Wording {
  said = '';
  /** The end of it. */
  private recent = '';
  private spaces = '';
  private dropped = false;

  *text(text: string): Generator<AnswerEvent> {
    if (text === '') return;
    const whole = (this.dropped && /^[\s.,;:!?)]/.test(text) ? text : this.spaces + text).replace(
      MORE_BLANKS,
      '$1',
    );
    this.dropped = false;
    const shown = withoutBlanks(whole);
    this.spaces = whole.slice(shown.length);
    if (shown === '') return;
    this.said += shown;
    this.recent = (this.recent + shown).slice(-CLAIM);
    yield { type: 'token', text: shown };
  }

  *marks(events: Iterable<AnswerEvent>): Generator<AnswerEvent> {
    this.dropped = true;
    for (const event of events) {
      if (this.dropped && this.spaces !== '') yield { type: 'token', text: this.spaces };
      if (this.dropped) this.spaces = '';
      this.dropped = false;
      yield event;
    }
  }

  *end(): Generator<AnswerEvent> {
    if (this.spaces !== '' && !this.dropped) yield { type: 'token', text: this.spaces };
  }

  /** The last sentence so far, whether its full stop stands before the mark or after it. */
  claim(): string {
    let end = this.recent.trimEnd().length;
    while (end > 0 && SENTENCE_ENDS.includes(this.recent.charAt(end - 1))) end--;
    const text = this.recent.slice(0, end);
    return text.slice(Math.max(...['. ', '! ', '? ', '\n', '。'].map((mark) => text.lastIndexOf(mark) + 1)));
  }
}
