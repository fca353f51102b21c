import { growth, LINEAR } from '../../../../../test/support/clock.js';
import { answerPassage } from '../../../../../test/support/answer-passage.js';
import { splitSentences } from '../../../text/sentences.js';
import { MailParts, withoutMailHeaders } from './mail-parts.js';

const HEADER = 'From: Hannah Brandt <hannah@orbita.example>\nTo: Leo\nDate: 2024-11-14T15:22:00.000Z';
const NEW = 'the launch moves to 3 February 2025.';
const OLD = 'The launch is planned for 9 December 2024.';

/** The texts of a mail's sentences, by part. */
function partsOf(text: string, fileName?: string): Record<string, string[]> {
  const passage = answerPassage(text, { fileName });
  const parts = new MailParts();
  const found: Record<string, string[]> = {};
  for (const { start, end } of splitSentences(text))
    (found[parts.partOf({ passage, start }) ?? 'none'] ??= []).push(text.slice(start, end));
  return found;
}

test.each([
  `On Tue, 12 Nov 2024 at 09:10, Leo Mwangi <leo@orbita.example> wrote:\n> ${OLD}`,
  `On Tue, 12 Nov 2024 at 09:10, Leo Mwangi\n<leo@orbita.example> wrote:\n\n${OLD}`,
  `-----Original Message-----\n${OLD}`,
  `Von: Leo Mwangi\nGesendet: Dienstag, 12. November 2024\nBetreff: Start\n\n${OLD}`,
  `Am 12.11.2024 um 09:10 schrieb Leo Mwangi:\n\n${OLD}`,
  `Le mar. 12 nov. 2024 à 09:10, Leo Mwangi a écrit :\n> ${OLD}`,
  `>> ${OLD}`,
])('what was written before is older: %j', (quoted) => {
  const { header, newest, older } = partsOf(`Re: Launch\n\n${HEADER}\n\nHi Leo,\n\n${NEW}\n\n${quoted}`);
  expect(header).toEqual(['Re: Launch', ...HEADER.split('\n')]);
  expect(newest).toEqual(['Hi Leo,', NEW]);
  expect(older?.at(-1)).toBe(OLD);
});

test('an answer below a quoted question is new', () => {
  const text = `Hi,\n\nOn Tue, 12 Nov 2024, Leo wrote:\n> When is the launch?\n\n${NEW}`;
  expect(partsOf(text, 'a.eml').newest).toEqual(['Hi,', NEW]);
});

test('the subject above the header may be in no passage', () => {
  const passage = answerPassage(`${HEADER}\n\n${NEW}`, { charStart: 12 });
  const parts = new MailParts();
  expect(parts.partOf({ passage, start: 0 })).toBe('header');
  expect(parts.partOf({ passage, start: HEADER.length + 2 })).toBe('newest');
});

test('a text that is no mail has no parts', () => {
  expect(Object.keys(partsOf('From: Oslo\nTo: Bergen\nDate: 3 May\n\nBring a coat.\n\n> Quoted.'))).toEqual([
    'none',
  ]);
});

const MAIL = answerPassage(
  `Re: Launch\n\n${HEADER}\n\nHi Leo,\n\n${NEW} Please tell the agency.\n\nOn Tue, 12 Nov 2024, Leo Mwangi wrote:\n> ${OLD}\n> The agency has booked the ads in Hamburg.`,
);

test('header lines count where the mail itself is asked about', () => {
  const start = MAIL.text.indexOf('Date:');
  const date = { passage: MAIL, start, text: MAIL.text.slice(start, MAIL.text.indexOf('\n', start)) };
  expect(withoutMailHeaders('When is the launch?', [date])).toEqual([]);
  expect(withoutMailHeaders('When was the mail sent?', [date])).toEqual([date]);
});

test.each(['> a\n', 'From: a@b\n', 'On a ', 'On Monday\n', 'wrote:\n', '- '])(
  'takes a time that grows with the text only: many %j',
  async (piece) => {
    const of = (n: number): void => {
      const passage = answerPassage(piece.repeat(Math.ceil(n / piece.length)));
      new MailParts().partOf({ passage, start: passage.text.length });
    };
    expect(await growth(of, 5_000)).toBeLessThan(LINEAR);
  },
);
