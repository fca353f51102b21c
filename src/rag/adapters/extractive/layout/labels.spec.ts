import { growth, LINEAR } from '../../../../../test/support/clock.js';
import { splitSentences } from '../../../text/sentences.js';
import { placesOf } from './labels.js';

/** The sentences of a text that only label. */
function labelsOf(text: string, names: readonly string[] = [], charStart = 0): string[] {
  const sentences = splitSentences(text);
  const places = placesOf({ text, charStart }, sentences, names);
  return sentences.filter((_, i) => places[i]?.label).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ['| Code | Meaning |\n|---|---|\n| Hot | Too warm |\n| Cold | Too cold |', ['Code | Meaning']],
  ['Code | Meaning\nCode: E1 | Meaning: too warm\nCode: E2 | Meaning: too cold', ['Code | Meaning']],
  ['Role | Person\nChair | Marta Silva\nSecretary | Jan Berg', ['Role | Person']],
  ['Name | 61 | CEO\nAnn | 47 | CFO', []],
  ['Name: Ann | Age: 61\nName: Bob | Age: 47', []],
  ['Name | 61 | CEO', []],
  ['Total: 120 EUR\n\nThe bill is due in May.', []],
  ['## Upgrades\n\nStop the service.', ['Upgrades']],
  ['PROJECT FALCON - STATUS REPORT\nDate: 12 May\nStatus: green', ['PROJECT FALCON - STATUS REPORT']],
  ['Harbour Expansion\n\nMinutes\n\nThe chair opened the meeting.', ['Harbour Expansion', 'Minutes']],
  [
    'Alice works at Acme\n\nBob works at Beta\n\nCarol works at Gamma\n\nDan lives here.',
    ['Carol works at Gamma'],
  ],
  ['Alice works at Acme\n\nBob works at Beta', []],
  ['LiFe-48 battery module\n\nVoltage      51.2 V\nWeight       46 kg', ['LiFe-48 battery module']],
  ['Wear a hat.\nUse sun cream\nDrink water\n\nAfter a swim, eat something.', []],
  ['- Use sun cream\n- Drink water\n\nAfter a swim, eat something.', []],
  [
    '3. RESETTING TO FACTORY SETTINGS\nStep 1: Remove the cover.\n\n4. FAULT CODES\nE1   Sensor open\nE2   Sensor short',
    ['3. RESETTING TO FACTORY SETTINGS', '4. FAULT CODES'],
  ],
  ['It is open.\n\n3. Safety\n3.1 General rules\nWear a hat.', ['3. Safety', '3.1 General rules']],
  [
    'It ends.\n§ 6 Haftung\nDer Mieter haftet.\nArt. 7 Fines\nThey are high.',
    ['§ 6 Haftung', 'Art. 7 Fines'],
  ],
  ['1. Use sun cream\n2. Drink water\n\nAfter a swim, eat something.', []],
  ['1. STOP HERE\n2. LOOK AROUND\n3. WAIT\nThen cross the road.', []],
  [
    'THERMOLINE T9 ROOM THERMOSTAT\nInstallation and user guide\n\nThe thermostat needs batteries.',
    ['THERMOLINE T9 ROOM THERMOSTAT', 'Installation and user guide'],
  ],
  [
    'UNITED STATES SECURITIES COMMISSION\n\nForm 10-Q\n\nThe quarter ended.',
    ['UNITED STATES SECURITIES COMMISSION', 'Form 10-Q'],
  ],
  ['Acme Robotics, Inc.\n\nItem 1. Statements', ['Acme Robotics, Inc.']],
  ['Alice works at Acme\nBob works at Beta\n\nDan lives here.', []],
  ['Contents\nSafety\nUse', ['Contents']],
  ['Slide 1\nRisks of the project', ['Slide 1']],
  [
    'Three Months Ended June 30, | Six Months Ended June 30,\n(in millions) | 2023 | 2022\nRevenue | 1,284 | 1,102\nTaxes | 29 | 26',
    ['Three Months Ended June 30, | Six Months Ended June 30,', '(in millions) | 2023 | 2022'],
  ],
  [
    'Three Months Ended June 30,\nRevenue (in millions) | 2023 | 2022\nArms | 748 | 670',
    ['Three Months Ended June 30,', 'Revenue (in millions) | 2023 | 2022'],
  ],
  [
    '(in millions) | 2023 | 2022\n | USD | USD\nRevenue | 1,284 | 1,102',
    ['(in millions) | 2023 | 2022', 'USD | USD'],
  ],
  [
    'Department | 2024 | 2025\nDepartment | Budget | Budget\nDepartment: Parks | 2024 / Budget: 320 | 2025 / Budget: 335\nDepartment: Roads | 2024 / Budget: 125 | 2025 / Budget: 140',
    ['Department | 2024 | 2025', 'Department | Budget | Budget'],
  ],
  ['Event | Year\nOpening | 2021\nClosing | 2023', ['Event | Year']],
  ['Event | Year\nOpening | 2021\nVisitors | 48,000', ['Event | Year']],
  [
    '**Q: Do you deliver?**\nA: No. We do not.\n\nFrage 2: Preise\nSie steigen.',
    ['**Q: Do you deliver?', 'Frage 2: Preise'],
  ],
  ['P1: Answer within one hour.\nP2: Answer within a day.', []],
  ['F3. Empty the tank.\nD1: 3 May', []],
  ['P1: Prices of 2025\nR1: They rise.\nP2: Delivery\nR2: None.', ['P1: Prices of 2025', 'P2: Delivery']],
  ['Q7: Is it wet?\nNo.', ['Q7: Is it wet?']],
  [
    '3.6.5 Defining terms . . . . . . 12\n3.6.6 Using terms ........ 14',
    ['3.6.5 Defining terms . . . . . .', '12', '3.6.6 Using terms ........', '14'],
  ],
])('%j', (text, labels) => {
  expect(labelsOf(text)).toEqual(labels);
});

test('a line that repeats the title or a heading is a label wherever it stands', () => {
  expect(labelsOf('It ends here.\nThe Harbour\nShips come.', ['the harbour'])).toEqual(['The Harbour']);
});

test('a part of the title is a label where it stands alone', () => {
  const title = 'ThermoLine T9 room thermostat - user guide';
  expect(labelsOf('ThermoLine T9\nIt needs batteries.', [title])).toEqual(['ThermoLine T9']);
  expect(labelsOf('The guide is long.\nUser guide. It needs batteries.', [title])).toEqual([]);
});

test('a passage that begins inside a table begins with a row, unless its columns show a header', () => {
  expect(labelsOf('Hot | Too warm\nCold | Too cold', [], 500)).toEqual([]);
  expect(labelsOf('Code | Meaning\nE02 | Too warm\nE03 | Too cold', [], 500)).toEqual(['Code | Meaning']);
});

test('a header row reaches the last row, a heading the next heading', () => {
  const text = '# One\n\nKey | Size\nRope | 1 m\nRail | 2 m\n\nProse stands here.\n\n# Two\n\nMore prose.';
  const places = placesOf({ text, charStart: 0 }, splitSentences(text), []);
  expect(places.map(({ section, inner }) => [section, inner])).toEqual([
    [-1, undefined],
    [0, undefined],
    [0, 1],
    [0, 1],
    [0, undefined],
    [0, undefined],
    [5, undefined],
  ]);
});

test('of two header rows the first one is the label of the rows', () => {
  const text =
    'Three Months | Six Months\n(in millions) | 2023 | 2022\nArms | 748 | 670\nServices | 158 | 141';
  const places = placesOf({ text, charStart: 0 }, splitSentences(text), []);
  expect(places.map(({ inner }) => inner)).toEqual([undefined, undefined, 0, 0]);
});

test.each([
  '\n',
  '|\n',
  '| a ',
  'a?\n',
  '. . ',
  '|---|\n',
  '* ',
  '- a\n',
  '# ',
  '1. A\n',
  '1. A\n\n',
  'A B\n',
  '|2021\n',
])('takes a time that grows with the text only: many %j', async (piece) => {
  const of = (n: number): string => `a${piece.repeat(Math.ceil(n / piece.length))}b`;
  expect(await growth((n) => void labelsOf(of(n)), 2_000)).toBeLessThan(LINEAR);
});
