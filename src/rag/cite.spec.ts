import { computingTime } from '../../test/support/clock.js';
import { locateQuote } from './cite.js';

/** The original's own words at the place found; null when there is none. */
function found(quote: string, text: string): string | null {
  const span = locateQuote(quote, text);
  return span && text.slice(span.start, span.end);
}

describe('locateQuote', () => {
  const text = 'The zqxyz bridge was  opened in\n1931. Its “main” span—the longest—measures 504\u00a0metres.';

  test.each([
    ['as it stands', 'The zqxyz bridge', 'The zqxyz bridge'],
    ['other white space', 'was opened in 1931', 'was  opened in\n1931'],
    ['a no-break space', 'measures 504 metres.', 'measures 504\u00a0metres.'],
    ['other quotation marks and dashes', 'Its "main" span-the', 'Its “main” span—the'],
    ['a full stop that is not there', 'bridge was opened.', 'bridge was  opened'],
    ['an ellipsis at both ends', '...bridge was opened in...', 'bridge was  opened in'],
    ['another case of the first letter', 'the zqxyz bridge', 'The zqxyz bridge'],
    ['white space around', '  1931. ', '1931.'],
  ])('finds a quote with %s', (_name, quote, expected) => {
    expect(found(quote, text)).toBe(expected);
  });

  test.each([
    ['other words', 'The zqxyz bridge was closed'],
    ['another order', 'bridge zqxyz'],
    ['a part of a word', 'zqxyz bridg'],
    ['another case inside', 'The Zqxyz bridge'],
    ['another number', 'opened in 1932'],
    ['a gap', 'The zqxyz bridge ... opened in'],
    ['nothing', '  '],
    ['one sign', '.'],
  ])('does not find %s', (_name, quote) => {
    expect(locateQuote(quote, text)).toBeNull();
  });

  test('spans are code units of the original, whatever stands in front', () => {
    const original = '🌉🌉 cafe\u0301 und e\u0301cole';
    expect(found('café und école', original)).toBe('cafe\u0301 und e\u0301cole');
    expect(locateQuote('café', original)).toEqual({ start: 5, end: 10 });
    expect(locateQuote('cafe\u0301', '🌉🌉 café')).toEqual({ start: 5, end: 9 });
  });

  test('a soft hyphen and zero-width characters are not there', () => {
    expect(found('self-locking nut', 'the self-lock\u00ading\u200b nut.')).toBe(
      'self-lock\u00ading\u200b nut',
    );
  });

  test('scripts without spaces are quoted anywhere', () => {
    expect(found('桥于1931年', '该桥于1931年通车。')).toBe('桥于1931年');
  });

  test('an accent makes another word', () => {
    expect(locateQuote('resume', 'his résumé')).toBeNull();
    expect(locateQuote('cafe', 'a cafe\u0301')).toBeNull();
  });

  test('a long text takes little time', () => {
    const long = 'the bridge stands over the river and the river runs under the bridge\n'.repeat(3000);
    const spent = computingTime(() => expect(locateQuote('the bridge stands no more', long)).toBeNull());
    expect(spent).toBeLessThan(1000);
  });
});
