import { NearDuplicates, type Told } from './near-duplicates.js';

const words = (seed: number, count: number): string => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return `w${(state >>> 8).toString(36).replaceAll(/\d/g, 'x')}`;
  }).join(' ');
};
/** Which of the texts repeat one before them. */
function repeats(texts: readonly (string | Told)[], nearly = false): boolean[] {
  const seen = new NearDuplicates();
  return texts.map((text) => {
    const told = typeof text === 'string' ? { text, title: null, heading_path: [] } : text;
    return seen.repeated(told, { nearly }) !== undefined;
  });
}

describe('NearDuplicates', () => {
  const long = words(1, 120);
  const under = (text: string, title: string, ...heading_path: string[]): Told => ({
    text,
    title,
    heading_path,
  });

  it.each([false, true])(
    'sees through case, punctuation, white space and composed characters (%s)',
    (nearly) => {
      expect(
        repeats(
          [
            'Crème brûlée, warm.',
            'creme brulee warm',
            'CRÈME\n  BRU\u0302LE\u0301E — “warm”!',
            'crème brû\u00adlée: warm',
          ],
          nearly,
        ),
      ).toEqual([false, false, true, true]);
      expect(repeats([long, `"${long.toUpperCase()}!"`], nearly)).toEqual([false, true]);
      expect(
        repeats(['It costs 5 %.', 'It costs 5%', 'It’s “big”, 1,000.', "it's big: 1,000"], nearly),
      ).toEqual([false, true, false, true]);
    },
  );

  const facts: [string, string][] = [
    ['It is -5 °C outside', 'It is 5 °C outside'],
    ['It is −5 °C outside', 'It is 5 °C outside'],
    ['It costs 5 €', 'It costs 5 $'],
    ['It costs €5', 'It costs £5'],
    ['p < 0.05', 'p > 0.05'],
    ['a growth of 5 %', 'a growth of 5'],
    ['a growth of 5 %', 'a growth of 5 ‰'],
    ['a loss of (5)', 'a loss of 5'],
    ['It holds 1.5 litres', 'It holds 15 litres'],
    ['It holds 1,5 litres', 'It holds 1 5 litres'],
    ['It holds .5 litres', 'It holds 5 litres'],
    ['10² litres', '102 litres'],
    ['from 3 to 5', 'from 5 to 3'],
    ['3 of 3 and 5', '3 of 5 and 5'],
    ['It gives 5 mW', 'It gives 5 MW'],
    ['It is 10:30', 'It is 10.30'],
    ['5" wide', "5' wide"],
    ['x + y', 'x y'],
    ['Is the bridge open?', 'Is the bridge open'],
    ['The bridge is open', 'The bridge is not open'],
    ['The bridge is open', "The bridge isn't open"],
    ['Anna paid Bertha', 'Bertha paid Anna'],
    ['٣ litres', '٤ litres'],
    ['Agreed 👍', 'Agreed 👎'],
    ['Invoice AMD-2022Q2', 'Invoice AMD-2022Q3'],
  ];
  it.each(facts)('keeps what says something else: %j and %j', (one, other) => {
    for (const nearly of [false, true])
      for (const around of ['', long]) {
        const told = [one, other].map((fact) => `${around} ${fact} ${around}`);
        expect([nearly, repeats([...told, ...told], nearly)]).toEqual([nearly, [false, false, true, true]]);
      }
  });

  it('never leaves out a text of a passage’s length with another word, name or a negation', () => {
    const parts = long.split(' ');
    for (const [at, word] of [
      [3, 'not'],
      [60, 'Bertha'],
      [100, 'other'],
    ] as const) {
      expect(repeats([long, parts.with(at, word).join(' ')])).toEqual([false, false]);
      expect(repeats([long, parts.toSpliced(at, 0, word).join(' ')])).toEqual([false, false]);
    }
    expect(repeats([long, parts.slice(0, 110).join(' '), `${long} ${long}`])).toEqual([false, false, false]);
  });

  it('puts behind, where asked to, what differs in an ordinary word, and not what differs in more', () => {
    const parts = long.split(' ');
    const changed = (count: number, word: string): string =>
      parts.map((part, i) => (i % Math.floor(120 / count) === 5 ? word : part)).join(' ');
    expect(repeats([long, changed(1, 'changed')], true)).toEqual([false, true]);
    for (const word of ['Bertha', 'USA', 'not', 'nicht', "doesn't", 'никогда'])
      expect([word, repeats([long, changed(1, word)], true)]).toEqual([word, [false, false]]);
    expect(repeats([long, changed(12, 'changed')], true)).toEqual([false, false]);
    expect(repeats([long, words(2, 120)], true)).toEqual([false, false]);
    expect(
      repeats([`Invoice 1017. ${long}`, `Invoice 1018. ${long}`, `Invoice 1017. ${long}`], true),
    ).toEqual([false, false, true]);
  });

  it('takes a short text for what it says under its title and headings', () => {
    const fee = 'The fee is 500.';
    expect(
      repeats([
        under(fee, 'Berlin', 'Fees'),
        under(fee, 'Paris', 'Fees'),
        under(fee, 'Berlin', 'Fines'),
        under('the fee is 500', 'Berlin', 'Fees'),
      ]),
    ).toEqual([false, false, false, true]);
    expect(repeats([under(long, 'Berlin'), under(long, 'Paris')])).toEqual([false, true]);
  });

  it('does not judge short texts by their letters', () => {
    expect(
      repeats(['The tides come in.', 'The tides come in!', 'The tides come in now.', '', '', '🙂'], true),
    ).toEqual([false, true, false, false, true, false]);
  });

  it('works without spaces between words', () => {
    const signs = (step: number): string =>
      Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * step) % 5000))).join('');
    const chinese = signs(7919);
    const negated = `${chinese.slice(0, 200)}不${chinese.slice(200)}`;
    for (const nearly of [false, true])
      expect(repeats([chinese, `${chinese}。`, signs(104729), negated], nearly)).toEqual([
        false,
        true,
        false,
        false,
      ]);
  });
});
