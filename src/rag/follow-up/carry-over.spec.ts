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
});
