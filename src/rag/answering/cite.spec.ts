import { computingTime } from '../../../test/support/clock.js';
import { locateQuote, saysEnough } from './cite.js';

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

  test.each([
    ['5 mg twice daily', 'Take 0.5 mg twice daily.'],
    ['5 mg twice daily', 'Take .5 mg twice daily.'],
    ['5 mg twice daily', 'Take 2,5 mg twice daily.'],
    ['5 C', 'At -5 C it freezes.'],
    ['5 C', 'At \u22125 C it freezes.'],
    ['5 mm', 'Within ±5 mm.'],
    ['costs 1.', 'It costs 1,500 in all.'],
    ['costs 1.', 'It costs 1.500 in all.'],
    ['costs 1', 'It costs 1\u202f500 in all.'],
    ['costs 1', "It costs 1'500 in all."],
    ['grew by 5', 'It grew by 5% in all.'],
    ['takes 5', 'He takes 5-10 mg.'],
    ['10 mg', 'He takes 5–10 mg.'],
    ['2 cups of rice', 'Add 1/2 cups of rice.'],
    ['at 12', 'It opens at 12:30.'],
    ['flammable liquid', 'A non-flammable liquid.'],
    ['you can', "That you can't do."],
    ['you can', 'That you can’t do.'],
  ])('%j is no quote of %j', (quote, passage) => {
    expect(locateQuote(quote, passage)).toBeNull();
    // Where it stands by itself, too, it is found there.
    expect(found(quote, `${passage} And ${quote.replace(/\.$/, '')} it was.`)).toBe(quote.replace(/\.$/, ''));
  });

  test.each([
    ['504 metres', 'its span—504 metres', '504 metres'],
    ['0.5 mg twice daily', 'Take 0.5 mg twice daily.', '0.5 mg twice daily'],
    ['-5 C', 'At -5 C it freezes.', '-5 C'],
    ['costs 1,500.', 'It costs 1,500, in all.', 'costs 1,500'],
    ['in 1931', 'Opened in 1931.', 'in 1931'],
    ['non-flammable', 'A non-flammable liquid.', 'non-flammable'],
  ])('of %j in %j stands %j', (quote, passage, expected) => {
    expect(found(quote, passage)).toBe(expected);
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

describe('saysEnough', () => {
  test.each([
    ['of', 0, false],
    ['that which they were', 0, false],
    ['the bridge', 1, false],
    ['1931', 1, false],
    ['opened in 1931', 2, true],
    ['504 metres', 2, true],
    ['over the bridge', 1, true],
    ['Feuerversicherung', 1, true],
    ['大桥', 1, false],
    ['长江大桥', 1, true],
  ])('%j, with %i content words: %s', (quote, contentWords, expected) => {
    expect(saysEnough(quote, contentWords)).toBe(expected);
  });
});
