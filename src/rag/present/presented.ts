import type { AnswerEvent, AnswerPassage } from '../answer.types.js';
import { SafeText } from './safe-text.js';

/** An answer as it may be shown: text without active links that the passages do not have; see `SafeText`. */
export async function* presented(
  events: AsyncIterable<AnswerEvent>,
  passages: readonly Pick<AnswerPassage, 'text' | 'title'>[],
): AsyncGenerator<AnswerEvent> {
  const safe = new SafeText(passages.flatMap(({ text, title }) => [text, title ?? '']));
  for await (const event of events) {
    const text = event.type === 'token' ? safe.push(event.text) : safe.flush();
    if (text !== '') yield { type: 'token', text };
    if (event.type !== 'token') yield event;
  }
}
