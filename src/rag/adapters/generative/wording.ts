import type { AnswerEvent } from '../../answer.types.js';

/** As much of an answer as a claim is looked for in. */
const CLAIM = 600;

/** What the model says around its marks: the claim that a mark belongs to, and the spaces before a dropped one. */
export class Wording {
  said = '';
  private spaces = '';
  private dropped = false;

  *text(text: string): Generator<AnswerEvent> {
    const whole = this.dropped && /^[\s.,;:!?)]/.test(text) ? text : this.spaces + text;
    this.dropped = false;
    const shown = whole.replace(/[ \t]+$/, '');
    this.spaces = whole.slice(shown.length);
    this.said += whole;
    if (shown !== '') yield { type: 'token', text: shown };
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
    const text = this.said
      .slice(-CLAIM)
      .trimEnd()
      .replace(/[.!?。！？]+$/, '');
    return text.slice(Math.max(...['. ', '! ', '? ', '\n', '。'].map((end) => text.lastIndexOf(end) + 1)));
  }
}
