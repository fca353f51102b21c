import { computingTime, growth, LINEAR } from '../../../../../test/support/clock.js';
import { analyse } from '../../../../lexical/analyser/analyser.js';
import { meets, readQuestion } from './question.js';

const read = (language: string, text: string) => readQuestion(text, analyse, language);

describe('readQuestion', () => {
  test.each([
    ['en', 'How long is the warranty?', 'number', 'warranty'],
    ['en', 'How often do I have to change my password?', 'number', 'change password'],
    ['en', 'Can you tell me when the long bridge opened?', 'time', 'long bridge opened'],
    ['en', 'In what year was the bridge opened?', 'time', 'year bridge opened'],
    ['en', 'Is the bridge open?', 'confirmation', 'bridge open'],
    ['de', 'Wie hoch ist die Kaution?', 'number', 'kaution'],
    ['de', 'Wann bekomme ich die Kaution zurück?', 'time', 'kaution'],
    ['de', 'Wie viele Stunden darf ich am Abend Klavier spielen?', 'number', 'stunden abend klavier spielen'],
    ['de', 'Wie funktioniert das Ventil?', 'explanation', 'funktioniert ventil'],
    ['de', 'Darf ich einen Hund halten?', 'confirmation', 'hund halten'],
    ['fr', 'Combien de jours de congé ai-je ?', 'number', 'jours congé'],
    ['fr', 'Quel est le montant de la caution ?', 'number', 'caution'],
    ['fr', 'Où se trouve le siège ?', 'place', 'siège'],
    ['es', '¿Cuánto cuesta la fianza?', 'number', 'fianza'],
    ['es', '¿Quién firmó el contrato?', 'person', 'firmó contrato'],
    ['es', '¿En qué año se fundó la empresa?', 'time', 'año fundó empresa'],
    ['it', 'Quanto dura la garanzia?', 'number', 'garanzia'],
    ['it', 'Dove si trova la sede?', 'place', 'trova sede'],
    ['pt', 'Quantos dias de férias tenho?', 'number', 'dias férias'],
    ['pt', 'Por que o contrato terminou?', 'explanation', 'contrato terminou'],
    ['nl', 'Hoe hoog is de borg?', 'number', 'borg'],
    ['nl', 'Wie heeft het contract ondertekend?', 'person', 'contract ondertekend'],
    ['ru', 'Сколько дней отпуска мне нужно взять?', 'number', 'дней отпуска взять'],
    ['ru', 'Можно ли держать собаку?', 'confirmation', 'держать собаку'],
    ['ru', 'Какова сумма залога?', 'number', 'залога'],
    ['pl', 'Ile wynosi kaucja?', 'number', 'kaucja'],
    ['pl', 'Kiedy otrzymam zwrot kaucji?', 'time', 'zwrot kaucji'],
    ['tr', 'Garanti süresi ne kadar?', 'number', 'garanti süresi'],
    ['tr', 'Sözleşmeyi kim imzaladı?', 'person', 'sözleşmeyi imzaladı'],
    ['ar', 'كم عدد أيام الإجازة السنوية؟', 'number', 'عدد أيام الإجازة السنوية'],
    ['ar', 'متى تنتهي الإجازة؟', 'time', 'تنتهي الإجازة'],
    ['zh', '年假有几天？', 'number', '年假 天'],
    ['zh', '押金是多少钱？', 'number', '押金'],
    ['zh', '什么时候退还押金？', 'time', '退还 押金'],
    ['ja', '敷金はいくらですか。', 'number', '敷金'],
    ['ja', '退職するにはいつまでに申し出る必要がありますか。', 'time', '退職 申し出る'],
    ['ko', '보증금은 얼마입니까?', 'number', '보증금'],
    ['ko', '연차 휴가는 며칠입니까?', 'number', '연차 휴가'],
    ['sv', 'Hur lång är garantin?', 'number', 'garantin'],
    ['da', 'Hvor mange feriedage har jeg?', 'number', 'feriedage'],
  ])('%s: %s', (language, text, expects, terms) => {
    const question = read(language, text);
    expect([question.expects, [...question.terms].sort()]).toEqual([
      expects,
      [...new Set(analyse(terms, language))].sort(),
    ]);
  });

  test('the question tells its own language, whatever that of what was found', () => {
    expect(read('en', 'Wie hoch ist die Kaution?').terms).toEqual(new Set(analyse('kaution', 'en')));
    expect(read('de', 'How long is the notice period?').terms).toEqual(
      new Set(analyse('notice period', 'de')),
    );
    expect(readQuestion('敷金はいくらですか', analyse).expects).toBe('number');
  });

  test('a question of nothing else goes by the words that ask', () => {
    expect(read('en', 'How long?').terms).toEqual(new Set(analyse('how long', 'en')));
  });

  test('an identifier says what is asked about, and is looked for alone where nothing else is', () => {
    expect(read('en', 'total due INV-2025-0117')).toMatchObject({
      terms: new Set(analyse('total due')),
      namesOnly: false,
    });
    expect(read('en', 'INV-2025-0117')).toMatchObject({
      terms: new Set(analyse('INV-2025-0117')),
      namesOnly: true,
    });
    expect(read('en', 'Is GPT-4 large?').terms).toEqual(new Set(analyse('GPT-4 large')));
  });
});

describe('meets', () => {
  test.each([
    ['en', 'How long is the notice?', 'It is three months.', true],
    ['en', 'When is it paid?', 'It is paid back within six months.', true],
    ['de', 'Wie hoch ist die Kaution?', 'Die Kaution beträgt drei Nettokaltmieten.', true],
    ['de', 'Wie hoch ist die Kaution?', 'Die Kaution wird verzinst.', false],
    ['de', 'Wann endet der Vertrag?', 'Er endet am letzten Freitag.', true],
    ['de', 'Warum ist das Ventil zu?', 'Es schließt, weil der Druck fällt.', true],
    ['fr', 'Combien de jours ?', 'Vous avez vingt jours.', true],
    ['fr', 'Combien de jours ?', 'Vous avez des jours.', false],
    ['es', '¿Cuándo termina?', 'Termina en septiembre.', true],
    ['it', 'Quanto dura?', 'Dura due anni.', true],
    ['pt', 'Quando termina?', 'Termina na segunda-feira.', true],
    ['nl', 'Hoe lang?', 'Het duurt twee jaar.', true],
    ['ru', 'Сколько дней?', 'Двадцать восемь дней.', true],
    ['ru', 'Почему?', 'Потому что так решили.', true],
    ['pl', 'Kiedy?', 'W październiku.', true],
    ['tr', 'Ne zaman?', 'Eylül ayında.', true],
    ['ar', 'كم يوما؟', 'له ثلاثون يوما.', true],
    ['ar', 'كم يوما؟', 'له ٣٠ يوما.', true],
    ['zh', '年假有几天？', '年假为二十天。', true],
    ['zh', '年假有几天？', '年假要统一安排。', false],
    ['ja', '何日ありますか', '十日です。', true],
    ['ko', '며칠입니까?', '스물다섯 날입니다.', true],
    ['en', 'When did it begin?', '[2025-02-03 09:04] omar: Petra is, I paged her', false],
    ['en', 'When did it begin?', '[2025-02-03 09:04] omar: at 08:41', true],
    ['en', 'How many steps are there?', 'Step 2: Press the button', false],
    ['en', 'How many steps are there?', '3. Press the button', false],
    ['en', 'How many are in stock?', 'Hex bolt HX-1002', false],
    ['en', 'How much does it cost?', 'It costs 12 euros', true],
    ['en', 'What is the number of the order?', 'The order is 4711829', true],
    ['en', 'Where did they meet?', 'They meet in November', false],
    ['en', 'Where did they meet?', 'They meet in Ghent', true],
    ['en', 'Who is it?', 'It is Acme, Inc.', true],
    ['en', 'Who leads Acme?', 'It is Acme, Inc.', false],
    ['en', 'Who is it?', '6. Next meeting', false],
    ['en', 'Who is it?', '6. Led by Ann', true],
    ['en', 'Who is it?', '6. Petra', true],
    ['en', 'Who is it?', '[09:04] Petra: it is me', true],
  ])('%s: %s %s', (language, text, sentence, expected) => {
    expect(meets(read(language, text), sentence)).toBe(expected);
  });

  test.each(['wie ', 'um ', 'zehn', 'a', ' ', 'はが', '年', '은 ', 'كم ', 'что '])(
    'takes a time that grows with the text only: %j',
    async (piece) => {
      const of = (n: number): string => piece.repeat(Math.ceil(n / piece.length));
      const languages = ['en', 'de', 'fr', 'pl', 'zh', 'ja', 'ko', 'ar', 'ru'];
      const work = (n: number): void =>
        languages.forEach((language) => {
          const question = read(language, of(n));
          for (const expects of ['number', 'time', 'explanation'] as const)
            meets({ ...question, expects }, of(n));
        });
      expect(computingTime(() => work(1_000))).toBeLessThan(1_000);
      expect(await growth(work, 1_000)).toBeLessThan(LINEAR);
    },
    30_000,
  );
});
