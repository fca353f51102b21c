import { computingTimeOf, growth, LINEAR } from '../../../../test/support/clock.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerEvent, AnswerPassage, Citation } from '../../answer.types.js';
import { NO_ANSWER_TEXT } from '../../answering/no-answer.js';
import { ExtractiveAnswerer, type ExtractiveOptions } from './extractive-answerer.js';

let count = 0;
const passage = (docId: string, text: string, extra: Partial<AnswerPassage> = {}): AnswerPassage => {
  const charStart = extra.charStart ?? 0;
  return {
    chunkId: `chunk ${count++}`,
    documentId: `id of ${docId}`,
    docId,
    title: docId,
    page: null,
    text,
    charStart,
    charEnd: charStart + text.length,
    score: 1,
    ...extra,
  };
};

const BRIDGE = passage(
  'bridge',
  'The zqxyz bridge was opened in 1931. Its main span measures 504 metres.\nThe engineer Othmar Kessler designed the zqxyz bridge. It carries trams.',
  { charStart: 1000, page: 4 },
);
const TEA = passage(
  'tea',
  'Green tea is steeped at 80 degrees for two minutes. Black tea takes boiling water.',
);
const COFFEE = passage('coffee', 'Espresso is brewed at nine bars. The water has 93 degrees at that point.');
const NUTS = passage(
  'handbook',
  'Lock nuts hold although the engine shakes. A locking nut of the Gruber kind is one piece of metal, made to hold tight despite severe vibration. A spring joins its two halves. The spring pushes them apart, so that the threads press on the screw.',
);
const DUCKS = passage(
  'ducks',
  'Ducks live on water. A male is called a drake and a female a hen. Most of them do not quack. On the moon there are none.',
);
const LAKE = passage(
  'summer',
  'Wear a hat.\nUse sun cream\nDrink water\n\nAfter a long day of swimming in the lake,\nit is important to eat\nsomething nice.',
  { headings: ['Swimming in the lake'] },
);
const ALL = [BRIDGE, TEA, COFFEE, NUTS, DUCKS, LAKE];

async function ask(
  question: string,
  passages: readonly AnswerPassage[] = ALL,
  options: Partial<ExtractiveOptions> = {},
) {
  const events: AnswerEvent[] = [];
  const answerer = new ExtractiveAnswerer({ analyse, ...options });
  for await (const event of answerer.answer({ question, passages })) events.push(event);
  const citations: Citation[] = events.flatMap((event) =>
    event.type === 'citation' ? [event.citation] : [],
  );
  const text = events.map((event) => (event.type === 'token' ? event.text : '')).join('');
  const done = events.at(-1);
  return { events, text, citations, supported: done?.type === 'done' && done.supported };
}

describe('ExtractiveAnswerer', () => {
  test.each([
    ['Who designed the zqxyz bridge?', 'The engineer Othmar Kessler designed the zqxyz bridge. [1]'],
    ['When was the zqxyz bridge opened?', 'The zqxyz bridge was opened in 1931. [1]'],
    ['How long is the main span of the bridge?', 'Its main span measures 504 metres. [1]'],
    ['At what temperature is green tea steeped?', 'Green tea is steeped at 80 degrees for two minutes. [1]'],
    ['What is a male duck called?', 'A male is called a drake and a female a hen. [1]'],
    ['Which cream should I use when swimming?', 'Use sun cream [1]'],
    [
      'What is important to eat after swimming in the lake?',
      'After a long day of swimming in the lake, it is important to eat something nice. [1]',
    ],
    ['Is green tea steeped at 80 degrees?', 'Green tea is steeped at 80 degrees for two minutes. [1]'],
  ])('%s', async (question, answer) => {
    const { text, supported } = await ask(question);
    expect(text.startsWith(answer)).toBe(true);
    expect(supported).toBe(true);
  });

  test('an explanation goes on for a sentence', async () => {
    const { text } = await ask('How does the Gruber nut hold tight despite severe vibration?');
    expect(text).toMatch(/severe vibration\. \[1\] A spring joins its two halves\. \[2\]/);
  });

  test.each([
    'What is the boiling point of tungsten hexafluoride on the moon Ganymede?',
    'Who won the football world cup in 1998?',
    'What is the capital of France?',
    'Who invented the telephone?',
    'What is the price of a duck?',
  ])('admits that nothing answers: %s', async (question) => {
    const { events, text } = await ask(question);
    expect(text).toBe(NO_ANSWER_TEXT);
    expect(events.at(-1)).toEqual({
      type: 'done',
      supported: false,
      model: 'extractive',
      usage: null,
      degraded: [],
    });
    expect(events.some((event) => event.type === 'citation')).toBe(false);
  });

  describe('in other languages', () => {
    const of = (language: string, text: string, similarity?: number): AnswerPassage =>
      passage(language, text, { language, similarity });
    const GERMAN = [
      of(
        'de',
        'Die Zqxyzbrücke wurde 1931 eröffnet. Der Ingenieur Othmar Kessler entwarf sie. Sie ist 504 Meter lang.',
      ),
      of('de', 'Grüner Tee zieht zwei Minuten bei 80 Grad. Schwarzer Tee braucht kochendes Wasser.'),
    ];
    const CHINESE = [
      of('zh', '厄勒海峡大桥于2000年通车。大桥由工程师罗特纳设计。全长七千八百米。', 0.7),
      of('zh', '绿茶用八十度的水泡两分钟。红茶要用开水。', 0.7),
    ];

    test.each([
      ['Wann wurde die Zqxyzbrücke eröffnet?', GERMAN, '1931'],
      ['Wie lange zieht grüner Tee?', GERMAN, 'zwei Minuten'],
      ['厄勒海峡大桥哪一年通车?', CHINESE, '2000'],
      ['绿茶用多少度的水泡?', CHINESE, '八十度'],
    ])('%s', async (question, passages, holds) => {
      const { text, supported } = await ask(question, passages, { reads: () => passages === GERMAN });
      expect([supported, text.split(' [1]')[0]]).toEqual([true, expect.stringContaining(holds)]);
    });

    const LEASE =
      'Die Kaution beträgt drei Nettokaltmieten. Die Kaution wird sechs Monate nach dem Auszug zurückgezahlt.';
    const LEAVE = '员工入职满一年后，年假为十五天。押金为两个月租金。';
    const NOTICE = '退職する場合は、三十日前までに申し出る必要があります。本社は京都にあります。';

    test.each([
      ['de', LEASE, 'Wie hoch ist die Kaution?', 'drei Nettokaltmieten'],
      ['de', LEASE, 'Wann bekomme ich die Kaution zurück?', 'sechs Monate'],
      ['zh', LEAVE, '年假有几天？', '十五天'],
      ['ja', NOTICE, '退職するにはいつまでに申し出る必要がありますか？', '三十日'],
    ])(
      '%s: what asks is not looked for, whether the language of the document is sure or not',
      async (language, text, question, holds) => {
        for (const found of [of(language, text), passage('unsure', text)])
          expect((await ask(question, [found])).text).toContain(holds);
      },
    );

    test.each([
      ['Wie hoch ist der Siedepunkt von Wolframhexafluorid?', GERMAN],
      ['六氟化钨的沸点是多少?', CHINESE],
      ['谁写了红楼梦?', CHINESE],
    ])(
      '%s has no answer there, however alike the encoder finds what it cannot read',
      async (question, passages) => {
        const alike = { similarity: async (_: string, texts: readonly string[]) => texts.map(() => 0.8) };
        const reads = (): boolean => passages === GERMAN;
        expect((await ask(question, passages, { ...(reads() ? {} : alike), reads })).supported).toBe(false);
      },
    );
  });

  test('without passages or without a question there is no answer', async () => {
    expect((await ask('Who designed the bridge?', [])).supported).toBe(false);
    expect((await ask('???')).supported).toBe(false);
    expect((await ask('What is it?')).supported).toBe(false);
  });

  test('quotes stand word for word at their span, with document and page', async () => {
    const { citations } = await ask('Who designed the zqxyz bridge?');
    const [citation] = citations;
    expect(citation).toMatchObject({
      n: 1,
      docId: 'bridge',
      documentId: 'id of bridge',
      page: 4,
      verified: true,
    });
    const { charStart = 0, charEnd = 0, quote } = citation ?? {};
    expect(BRIDGE.text.slice(charStart - 1000, charEnd - 1000)).toBe(quote);
    expect(charStart).toBe(1072);
  });

  test('a heading that repeats the question is no answer', async () => {
    const manual = passage('manual', 'The main valve\n\nThe main valve is closed with a quarter turn.');
    expect((await ask('How is the main valve closed?', [manual])).text).toMatch(
      /^The main valve is closed with/,
    );
    expect((await ask('What about the main valve?', [passage('m', 'The main valve')])).supported).toBe(false);
  });

  test('the same sentence in two documents is quoted once', async () => {
    const { citations } = await ask('Who designed the zqxyz bridge?', [BRIDGE, { ...BRIDGE, docId: 'copy' }]);
    expect(citations.map((citation) => citation.docId)).toEqual(['bridge']);
  });

  test('the likeness of sentences decides between equals, and its failure does no harm', async () => {
    const passages = [
      passage('a', 'Otters eat fish from the river.'),
      passage('b', 'Otters eat at dawn, mostly.'),
    ];
    const question = 'What do otters eat?';
    const likes = (part: string) => async (_question: string, sentences: readonly string[]) =>
      sentences.map((sentence) => (sentence.includes(part) ? 0.8 : 0.2));
    expect((await ask(question, passages, { similarity: likes('dawn') })).text).toMatch(
      /^Otters eat at dawn/,
    );
    expect((await ask(question, passages, { similarity: likes('fish') })).text).toMatch(/^Otters eat fish/);
    const failing = { similarity: () => Promise.reject(new Error('no encoder')) };
    expect((await ask(question, passages, failing)).supported).toBe(true);
  });

  test('passages unlike the question speak against an answer, on the scale of the encoder', async () => {
    const near = (similarity: number): AnswerPassage[] => [
      passage('x', 'The harbour was deepened twice by the town council.', { similarity }),
    ];
    const question = 'Who deepened the harbour basin?';
    expect((await ask(question, near(0.6))).supported).toBe(true);
    expect((await ask(question, near(0))).supported).toBe(false);
    expect(
      (await ask(question, near(0.6), { scale: () => ({ unrelated: 0.6, matching: 0.9 }) })).supported,
    ).toBe(false);
  });

  test('gives up when told to', async () => {
    const reason = new Error('the client left');
    const answer = new ExtractiveAnswerer({ analyse }).answer({
      question: 'Who?',
      passages: ALL,
      signal: AbortSignal.abort(reason),
    });
    await expect(answer.next()).rejects.toBe(reason);
  });

  test('takes a bounded time for whatever is retrieved', async () => {
    const long = 'The bridge and the river and the tower stand in the town. '.repeat(40);
    const many = Array.from({ length: 100 }, (_, i) => passage(`d${i}`, long));
    await ask('Where does the bridge stand?', many.slice(0, 2));
    expect(await computingTimeOf(() => ask('Where does the bridge stand?', many))).toBeLessThan(500);
  });

  test.each(['A. ', ' ', 'a.', ')', '.', 'The bridge stands. '])(
    'takes a time that grows with a passage only: many %j',
    async (piece) => {
      const of = (n: number): AnswerPassage[] => [
        passage('d', `http://a${piece.repeat(Math.ceil(n / piece.length))}x`),
      ];
      expect(await growth((n) => ask('Where does the bridge stand?', of(n)), 5_000)).toBeLessThan(LINEAR);
    },
  );

  it('does not take references of a document for its own', async () => {
    const paper = passage('paper', 'The zqxyz bridge was opened in 1931 [2], [3, 4]. It is [1] of its kind.');
    const { text, citations } = await ask('When was the zqxyz bridge opened?', [paper]);
    expect(text).toMatch(/^The zqxyz bridge was opened in 1931 \(2\), \(3, 4\)\. \[1\]/);
    expect(citations[0]?.quote).toBe('The zqxyz bridge was opened in 1931 [2], [3, 4].');
  });
});
