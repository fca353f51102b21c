import { computingTime } from '../../../test/support/clock.js';
import type { Turn } from '../../conversations/conversations.types.js';
import { analyse } from '../../lexical/analyser/analyser.js';
import { carryOver } from './carry-over.js';

const turn = (question: string, answer: string, supported = true): Turn => ({
  question,
  standalone: question,
  answer,
  supported,
});
const BRIDGE = turn(
  'Who designed the Zqxyz bridge?',
  'The engineer Othmar Kessler designed the Zqxyz bridge. [1]',
);

describe('carryOver', () => {
  test.each([
    ['When was it opened?', /^When was it opened\? \(.*\bbridge\b.*\)$/],
    ['And how long is it?', /Zqxyz bridge/],
    ['What about its span?', /Zqxyz bridge/],
    ['Where was he born?', /Othmar Kessler/],
    ['Why?', /Zqxyz bridge/],
    ['The colour?', /Zqxyz bridge/],
  ])('%s', (question, expected) => {
    expect(carryOver(question, [BRIDGE], analyse)).toMatch(expected);
  });

  test('the verb of the question before is not asked again', () => {
    expect(carryOver('When was it opened?', [BRIDGE], analyse)).not.toMatch(/designed/);
  });

  test('what a thing has is not carried into a question of something else that it has, nor an older period', () => {
    const first = turn("What was Cygnus Semiconductor's revenue in Q2 2023?", '871');
    const second = { ...turn('And in Q3?', '918'), standalone: carryOver('And in Q3?', [first], analyse) };
    expect(second.standalone).toMatch(/^And in Q3\? \(Cygnus Semiconductor's revenue 2023\)$/);
    expect(carryOver('Who is its CFO?', [first, second], analyse)).toBe(
      'Who is its CFO? (Q3 Cygnus Semiconductor 2023)',
    );
    expect(carryOver('Was it more than in 2022?', [first], analyse)).toMatch(/revenue Q2 2023/);
  });

  test.each(['How is green tea steeped in Japan?', 'At what temperature does tungsten hexafluoride boil?'])(
    'a question of its own stays as it is: %s',
    (question) => expect(carryOver(question, [BRIDGE], analyse)).toBe(question),
  );

  test.each([
    'What is the fee that customers pay for late returns?',
    'Who painted the fresco that burned?',
    'How many bridges are there across the Aare in Bern?',
    'Is there a swimming pool with warm water?',
    'Is it possible to return a phone without the receipt?',
    'Which museum in Bern charges more than one franc per visit?',
    'Why did the council close this museum during winter?',
    'Why does iron rust so fast near the sea?',
  ])('nothing is carried into %s', (question) => {
    expect(carryOver(question, [BRIDGE], analyse)).toBe(question);
  });

  test.each([
    ['Who lives there?', /Zqxyz bridge/],
    ['Which one is older?', /Zqxyz bridge/],
    ['How tall is that tower?', /Zqxyz bridge/],
    ['What happened in that year?', /Zqxyz bridge/],
  ])('a question that says little points back: %s', (question, expected) => {
    expect(carryOver(question, [BRIDGE], analyse)).toMatch(expected);
  });

  const BRUECKE = turn(
    'Wer hat die Zqxyz-Brücke entworfen?',
    'Der Ingenieur Othmar Kessler entwarf die Zqxyz-Brücke. [1]',
  );
  test.each([
    ['Wann wurde sie eröffnet?', /^Wann wurde sie eröffnet\? \(.*Zqxyz-Brücke\)$/],
    ['Wann wurde sie eroeffnet?', /Zqxyz-Brücke/],
    ['Wo wurde er geboren?', /\((?:Ingenieur )?Othmar Kessler Zqxyz-Brücke\)$/],
    ['Und wie hoch ist ihre Fahrbahn über dem Wasser der Aare?', /Zqxyz-Brücke/],
    ['Wie viele Autos fahren täglich in beide Richtungen über sie?', /Zqxyz-Brücke/],
    ['Was kostet das?', /Zqxyz-Brücke/],
  ])('in German, %s', (question, expected) => {
    expect(carryOver(question, [BRUECKE], analyse)).toMatch(expected);
  });

  test.each([
    'Wie melden Sie einen Schaden an einem gemieteten Fahrzeug?',
    'Wie viele Museen gibt es in der Altstadt von Bern?',
    'Wie hoch darf ein Zaun zum Nachbargrundstück sein?',
    'Wann öffnet das Museum am Bahnhof von Thun?',
  ])('in German, nothing is carried into %s', (question) => {
    expect(carryOver(question, [BRUECKE], analyse)).toBe(question);
  });

  test.each([
    [
      'Qui a conçu le pont Zqxyz ?',
      'Combien de voitures de la région passent-elles sur son tablier ?',
      /Zqxyz/,
    ],
    ['Qui a conçu le pont Zqxyz ?', 'Quand a-t-il été ouvert ?', /pont Zqxyz/],
    ['¿Quién diseñó el puente Zqxyz?', '¿Cuántos coches cruzan cada día por ella en verano?', /puente Zqxyz/],
    ['Chi ha progettato il ponte Zqxyz?', 'E quando fu inaugurato?', /ponte Zqxyz/],
    ['Кто спроектировал мост Zqxyz?', 'Какая длина у него и сколько опор стоит в реке?', /мост Zqxyz/],
    ['Wie ontwierp de brug Zqxyz?', 'Hoeveel mensen in de stad gebruiken haar elke dag?', /brug Zqxyz/],
    ['谁设计了长江大桥？', '它的主跨和桥塔高度分别有几米？', /长江大桥/],
  ])('after %s, %s', (first, question, expected) => {
    expect(carryOver(question, [turn(first, '…')], analyse)).toMatch(expected);
  });

  test.each([
    ['Qui a conçu le pont Zqxyz ?', 'Est-ce que le musée de Berne ouvre pendant les vacances ?'],
    ['谁设计了长江大桥？', '北京故宫博物院冬季开放时间表'],
  ])('after %s, nothing is carried into %s', (first, question) => {
    expect(carryOver(question, [turn(first, '…')], analyse)).toBe(question);
  });

  test('a very long question costs little', () => {
    const long = `${'x'.repeat(4_000)} ${'that '.repeat(800)}`;
    expect(computingTime(() => carryOver(long, [BRIDGE], analyse))).toBeLessThan(1_000);
  });

  test('without turns, and with nothing to carry, it stays as it is', () => {
    expect(carryOver('Why?', [], analyse)).toBe('Why?');
    expect(carryOver('Why?', [turn('What?', 'No.', false)], analyse)).toBe('Why?');
  });

  test('goes on over several turns and stays bounded', () => {
    const turns: Turn[] = [BRIDGE];
    let question = '';
    for (let i = 0; i < 50; i++) {
      question = carryOver('And then?', turns, analyse);
      turns.push({ ...turn('And then?', 'x '.repeat(5_000)), standalone: question });
    }
    expect(question).toMatch(/Zqxyz bridge/);
    expect(question.length).toBeLessThan(300);
  });

  test('other languages are carried over where a question says little', () => {
    expect(carryOver('何时开通？', [turn('谁设计了长江大桥？', '…')], analyse).length).toBeGreaterThan(5);
  });

  test.each([
    ['What does error E11 mean?', 'What is the RTO?'],
    ['What does error E11 mean?', 'What does E27 mean?'],
    ['When will the quay wall be finished?', 'Who is the CEO?'],
    ['When will the quay wall be finished?', "Who's the CEO?"],
    ['When will the quay wall be finished?', 'What is inflation?'],
    ['When will the quay wall be finished?', 'How long does delivery take?'],
    ['When will the quay wall be finished?', 'Are dogs allowed?'],
    ['When will the quay wall be finished?', 'Who painted Guernica?'],
    ['When will the quay wall be finished?', 'And who approves the invoices of suppliers?'],
    ['When does the credit facility mature?', 'AT&T'],
    ['When does the credit facility mature?', 'HX-350L'],
    ['When does the credit facility mature?', 'Marta Oyelaran'],
    ['Combien de livres peut-on emprunter ?', 'Qui est la directrice ?'],
    ['Combien de livres peut-on emprunter ?', 'Où se trouve l’hôpital ?'],
    ['Combien de livres peut-on emprunter ?', 'Qu’est-ce que le cautionnement ?'],
    ['Combien de livres peut-on emprunter ?', 'Est-ce que la piscine ouvre ?'],
    ['Quando si paga?', "Dov'è la piscina?"],
    ['Wann wird Papier abgeholt?', 'Gibt es eine Kantine?'],
    ['Wann wird Papier abgeholt?', 'Wer ist der Hausmeister?'],
    ['Wann wird Papier abgeholt?', 'Was kostet das Parken?'],
    ['¿Cuándo abre la piscina?', '¿Quién es el director?'],
    ['Quando apre la piscina?', "Chi è l'amministratore?"],
    ['Quando abre a piscina?', 'Quem é o diretor?'],
    ['Wanneer opent het zwembad?', 'Wie is de directeur?'],
    ['Когда откроется бассейн?', 'Какой телефон у библиотеки?'],
  ])('after %s, %s changes the subject', (first, question) => {
    expect(carryOver(question, [turn(first, '…')], analyse)).toBe(question);
  });

  test.each([
    ['Who designed the Zqxyz bridge?', 'In which year?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'Which year?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'When?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'How many people died?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'Who owns?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'Who designed it?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'OK, how many?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'Thanks! And the colour?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'And in 2023?', /Zqxyz bridge/],
    ['Who designed the Zqxyz bridge?', 'What about Bern?', /Zqxyz bridge/],
    ['Qui a conçu le pont Zqxyz ?', 'En quelle année ?', /pont Zqxyz/],
    ['Qui a conçu le pont Zqxyz ?', 'Qui la finance ?', /pont Zqxyz/],
    ['Qui a conçu le pont Zqxyz ?', 'Combien de personnes ?', /pont Zqxyz/],
    ['¿Quién diseñó el puente Zqxyz?', '¿Cuándo se inauguró?', /puente Zqxyz/],
    ['¿Quién diseñó el puente Zqxyz?', '¿Quién lo financió?', /puente Zqxyz/],
    ['Chi ha progettato il ponte Zqxyz?', 'In che anno?', /ponte Zqxyz/],
    ['Wer hat die Zqxyz-Brücke entworfen?', 'In welchem Jahr?', /Zqxyz-Brücke/],
    ['Wer hat die Zqxyz-Brücke entworfen?', 'Wieviele Menschen?', /Zqxyz-Brücke/],
    ['Qui a conçu le pont Zqxyz ?', 'Combien d’années ?', /pont Zqxyz/],
    ['Who designed the Zqxyz bridge?', 'How many were injured?', /Zqxyz bridge/],
    ['Wer hat die Zqxyz-Brücke entworfen?', 'Wie viele Menschen?', /Zqxyz-Brücke/],
    ['Wer hat die Zqxyz-Brücke entworfen?', 'Die Farbe?', /Zqxyz-Brücke/],
    ['Wann wird Papier abgeholt?', 'Restmüll?', /Papier/],
  ])('after %s, %s goes on', (first, question, expected) => {
    expect(carryOver(question, [turn(first, '…')], analyse)).toMatch(expected);
  });

  test.each([
    ['What does error E11 mean?', 'And E27?', 'And E27? (error)'],
    ['What does error E11 mean?', 'E27?', 'E27? (error)'],
    ['What was the revenue of Zqxyz in 2022?', 'And in 2023?', 'And in 2023? (revenue Zqxyz)'],
    ['What was the revenue of Zqxyz in Q2?', 'and Q3?', 'and Q3? (revenue Zqxyz)'],
    ['What was the revenue of Zqxyz in Q2 2022?', 'What about 2023?', 'What about 2023? (revenue Zqxyz Q2)'],
    ['What was the revenue of AT&T in 2022?', 'And in 2023?', 'And in 2023? (revenue AT&T)'],
    [
      'What was the revenue of Zqxyz in 2022?',
      'Was it more than in 2021?',
      'Was it more than in 2021? (revenue Zqxyz 2022)',
    ],
  ])('after %s, a term takes the place of one like it: %s', (first, question, expected) => {
    expect(carryOver(question, [turn(first, '…')], analyse)).toBe(expected);
  });

  test.each(['thanks', 'Thank you very much!', 'ok', 'Merci !', 'Danke dir', 'Hello', '谢谢', 'спасибо'])(
    'nothing is carried into %s, nor does it end a subject',
    (said) => {
      expect(carryOver(said, [BRIDGE], analyse)).toBe(said);
      expect(carryOver('When was it opened?', [BRIDGE, turn(said, '…')], analyse)).toMatch(/Zqxyz bridge/);
    },
  );

  test.each([
    [
      'Who runs the plant in Graz?',
      'The plant in Graz is run by Anna Berg, who signed form HX-350L in 2019. [1]',
      'How many staff does she have?',
      'Graz Anna Berg runs plant',
    ],
    [
      'Combien pèse la presse ?',
      'La presse hydraulique PH-200 pèse 2 300 kg. [1]',
      'Et quelle est sa pression maximale ?',
      'PH-200 pèse presse',
    ],
    [
      'Сколько весит станок?',
      'Станок ТВ-320 весит 500 кг. [1]',
      'Какова его гарантия?',
      'Станок ТВ-320 весит',
    ],
    [
      'كم يبلغ الإيجار الشهري؟',
      'يبلغ الإيجار الشهري ٣٥٠٠ ريال. [1]',
      'ومن هو المؤجر؟',
      'يبلغ الإيجار الشهري',
    ],
    [
      'Wie schwer ist die Fräsmaschine?',
      'Die Fräsmaschine FX-300 wiegt 1.480 kg und hat 400 V. Das Kühlschmiermittel fehlt. [1]',
      'Wie hoch ist ihre maximale Drehzahl?',
      'Fräsmaschine FX-300 schwer',
    ],
    [
      '¿Cuánto pesa la caldera?',
      'La caldera CG-45 pesa 85 kg. [1]',
      '¿Cuál es su temperatura máxima?',
      'CG-45 pesa caldera',
    ],
    // Nothing is about both of them.
    [
      '¿Cuánto pesa la caldera?',
      'La CG-45 pesa 85 kg, la CG-60 pesa 90 kg. [1]',
      '¿Cuál es su temperatura máxima?',
      'pesa caldera',
    ],
  ])('after %s, names are carried whole and numbers are not: %s', (first, answer, question, carried) => {
    expect(carryOver(question, [turn(first, answer)], analyse)).toBe(`${question} (${carried})`);
  });

  const conversation = (...questions: string[]): string[] => {
    const turns: Turn[] = [];
    for (const question of questions)
      turns.push({ ...turn(question, '…'), standalone: carryOver(question, turns, analyse) });
    return turns.map((asked) => asked.standalone);
  };

  test('what was asked between does not pile up', () => {
    expect(
      conversation(
        'Who is the CEO of Zqxyz Aerospace?',
        'What about the CTO?',
        'And the CFO?',
        'Since when?',
        'And in 2022?',
        'And in 2023?',
      ),
    ).toEqual([
      'Who is the CEO of Zqxyz Aerospace?',
      'What about the CTO? (CEO Zqxyz Aerospace)',
      'And the CFO? (CEO Zqxyz Aerospace)',
      'Since when? (CFO CEO Zqxyz Aerospace)',
      'And in 2022? (CFO CEO Zqxyz Aerospace)',
      'And in 2023? (CEO Zqxyz Aerospace)',
    ]);
  });

  test('a new subject ends the one before', () => {
    expect(
      conversation(
        'What does error E11 mean?',
        'And E27?',
        'What is the phone number?',
        'And the address?',
      ).at(-1),
    ).toBe('And the address? (phone number)');
  });

  test('a question that a language model wrote anew says all that it needs', () => {
    const rewritten = { ...turn('And its span?', '…'), standalone: 'How wide is the Qwert bridge?' };
    expect(carryOver('Why?', [BRIDGE, rewritten], analyse)).toBe('Why? (wide Qwert bridge)');
  });

  test('long words and many articles cost little', () => {
    for (const long of ['who the ', 'E1', 'Aa', 'thanks ', "l'", 'how many ', '—'])
      expect(
        computingTime(() => carryOver(long.repeat(8_000 / long.length), [BRIDGE], analyse)),
      ).toBeLessThan(1_000);
  });
});
