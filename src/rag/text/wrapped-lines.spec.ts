import { growth, LINEAR } from '../../../test/support/clock.js';
import { splitSentences } from './sentences.js';

const split = (text: string): string[] =>
  splitSentences(text).map(({ start, end }) => text.slice(start, end));

/** Each line of these is a sentence of its own, without what marks it. */
const apart = (text: string): void => {
  expect(split(text)).toHaveLength(text.split('\n').length);
};

describe('wrapped lines', () => {
  test('a sentence goes on with a name, a number or a year at the begin of a line', () => {
    const text = [
      'The Larkspur pumping station was designed by the engineer',
      'Miriam Castellanos and opened by the Minister of Transport on',
      '14 May 1987. It supplies the city under a concession that expires in',
      '2037. Visitors have to register with',
      'Mr. Hollis at least a week ahead.',
    ].join('\n');
    expect(split(text)).toEqual([
      'The Larkspur pumping station was designed by the engineer\nMiriam Castellanos and opened by the Minister of Transport on\n14 May 1987.',
      'It supplies the city under a concession that expires in\n2037.',
      'Visitors have to register with\nMr. Hollis at least a week ahead.',
    ]);
  });

  test.each([
    'The whole of the renovation of the old pumping station cost the city\n€4.2 million, which was more than the council had expected.',
    'Die Anlage am Nordufer wurde nach langer Planung durch die\nStadtwerke Larkspur errichtet und im Jahre 1987 eröffnet.',
    'All visitors of the station have to register in advance with Mr.\nHollis, who lives there.',
    'The museum shop and the café of the old station are open until\n12 on Sundays, but the tower is not.',
    'Запись посетителей ведёт инженер насосной станции города\nМария Иванова каждый день.',
    'صممت محطة الضخ في مدينة لاركسبور المهندسة المعروفة عالميا\nمريم كاستيانوس عام 1987 في المدينة القديمة.',
    'लार्क्सपर पंपिंग स्टेशन का निर्माण प्रसिद्ध इंजीनियर\nमरियम कास्टेलानोस ने किया था।',
    '拉克斯珀泵站由著名工程师米丽娅姆卡斯特利亚诺斯设计并\n于一九八七年五月十四日由交通部长正式启用。',
    'ラークスパー揚水場は著名な技術者ミリアム・カステリャノスに\nよって設計され、千九百八十七年に開設された。',
    '라크스퍼 양수장은 유명한 기술자인 미리암 카스테야노스가\n설계하였으며 천구백팔십칠년에 문을 열었다.',
    '- The pumping station has been maintained for many years by\n  Miriam Castellanos.',
  ])('is one sentence: %s', (text) => {
    expect(split(text)).toHaveLength(1);
  });

  test.each([
    'The first train of the day leaves the pumping station at\n09:04 and the last one long after the museum has closed.',
    'The pump has a valve that opens when the pressure is high, in these\ncases: heat, cold and wind.',
    'The table names the port | and the ships of it are listed below\nthe name of the harbour.',
  ])('is one sentence, though it looks like a row, a field or a message: %s', (text) => {
    expect(split(text)).toHaveLength(1);
  });

  test('a message goes on over lines up to the next one', () => {
    const text =
      '[2025-02-03 09:01] omar: it looks like the pod\nof the payments ran out\n[2025-02-03 09:04] nina: again?';
    expect(split(text)).toEqual([
      '[2025-02-03 09:01] omar: it looks like the pod\nof the payments ran out',
      '[2025-02-03 09:04] nina: again?',
    ]);
  });

  test('a date with a full stop is no item of a list', () => {
    expect(
      split(
        'Das Pumpwerk am Nordufer wurde nach jahrelanger Planung schließlich am\n14. Mai 1987 vom Minister eröffnet.',
      )[0],
    ).toContain('am\n14.');
  });

  test.each([
    ['an address', 'Larkspur Water Company\n14 Harbour Street\nLarkspur LK2 7QP\nScotland'],
    [
      'a poem',
      "Shall I compare thee to a day in May\nThou art more lovely and more fair\nRough winds do shake the buds of May\nAnd summer's lease has all too short",
    ],
    [
      'fields of a form',
      'Name of the applicant who wants to visit: Miriam Castellanos\nDate: 14 May 1987\nPlace of the station that is visited there: Larkspur',
    ],
    [
      'items',
      '- The pumping station at the northern bank of the river\n- Another pumping station at the southern bank of it\n1) The first step is to open the main valve of the pump\n2) The second step is to close the main valve again',
    ],
    [
      'rows of numbers',
      'Larkspur station of the water company 1,234 1,456 1,678\nSouthern station of the water company 2,345 2,567 2,789\nTotal of the stations of the company 3,579 4,023 4,467',
    ],
    [
      'rows with cells',
      'The Larkspur pumping station      the engineer      1987\nThe Southern pumping station      the minister      1988',
    ],
    [
      'a heading above its paragraph',
      'Opening hours and guided tours\nThe pumping station at the northern bank of the river is open daily.',
    ],
    [
      'Markdown',
      '# The pumping station at the northern bank of the river\nMiriam Castellanos designed it.\n## The pumping station at the southern bank of the river',
    ],
    [
      'sentences and lines that end with a colon',
      'The pumping station at the northern bank was opened in 1987.\nMiriam Castellanos had designed it, with these additional parts:\nTower',
    ],
    [
      'terms and what they mean',
      'Known for its simplicity and its readability\nJavaScript\nUsed for the pages of the World Wide Web',
    ],
    [
      'a table of contents',
      'Opening hours of the station . . . . . . . . . . . xi\nGuided tours and how to book them . . . . . . . . . xii',
    ],
    [
      'rows with names in small letters',
      'flight: QN206 | from: Tromsø | status: cancelled\nflight: QN331 | from: Oslo | status: on time\nqn332 | oslo | late',
    ],
    ['rows of figures below each other', 'net sales 1,234 1,456\ncost of sales 742 655\nprofit 492 801'],
    [
      'fields with names in small letters',
      'name: larkspur pumping station of the northern water company\nopened_at: 1987\nbuilt by: castellanos',
    ],
    [
      'settings below a comment',
      '# how the billing service is deployed\nservice: billing-api\nreplicas: 6\nenv:\n  LEVEL: warn\nschedule:\n  nightly_export: late',
    ],
    ['a comment above what it is about', '# settings of the service\nlisten on all ports'],
    [
      'messages of a chat',
      '[2025-02-03 09:01] omar: it looks like the pod of the payments ran out of\n[2025-02-03 09:04] nina: who is on call this week and next week then\n[2025-02-03 09:12] petra: me',
    ],
    [
      'messages of a chat that say who before they say when',
      'omar 09:04 it looks like the pod of the payments ran out of\nnina 09:05 who is on call',
    ],
    ['lines of a log', '09:04 omar: the pod of the payments ran out of\n09:05 nina: who is on call'],
    ['headings in capitals', 'GENERAL TERMS AND CONDITIONS OF THE WATER COMPANY\nVisitors register.'],
    [
      'lines that were never wrapped',
      `${'The visitor has to register with the company '.repeat(4)}\n${'Visitors have to pay the fee in advance '.repeat(4)}`,
    ],
  ])('stay apart: %s', (_what, text) => {
    apart(text);
  });

  test('a paragraph begins where a line is set in', () => {
    const text =
      'It\n   was designed by the engineer who had built the tower of the\n   old town\n      The minister opened the station';
    expect(split(text)).toHaveLength(2);
  });

  test.each([
    ['', `${'word '.repeat(12)}\n`],
    ['', 'Word\n'],
    ['', '1. '],
    ['', `${'Word '.repeat(12)}.\n   `],
    ['a', '\n'],
    ['', '字'],
    ['', `${'字'.repeat(30)}\n`],
    ['x ', '1,'],
    ['', '($'],
    ['', '09:04 a\n'],
    ['', 'a: b\n'],
    ['', 'a '],
  ])('take a time that grows with the text only: %j, many %j', async (before, piece) => {
    const text = (n: number): string => `${before}${piece.repeat(Math.ceil(n / piece.length))}`;
    expect(await growth((n) => splitSentences(text(n)), 20_000)).toBeLessThan(LINEAR);
  });
});
