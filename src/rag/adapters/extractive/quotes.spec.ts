import { describe, expect, test } from '@jest/globals';
import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer } from './extractive-answerer.js';

async function ask(question: string, ...passages: AnswerPassage[]): Promise<string[]> {
  const quotes: string[] = [];
  for await (const event of new ExtractiveAnswerer({ analyse }).answer({ question, passages })) {
    if (event.type !== 'citation') continue;
    const { charStart, charEnd, quote, documentId } = event.citation;
    const source = passages.find((passage) => passage.documentId === documentId)!;
    expect(source.text.slice(charStart, charEnd)).toBe(quote);
    quotes.push(quote);
  }
  return quotes;
}

const MARGINS =
  '# Results of Cygnus\n\n| | Q1 2023 | Q2 2023 |\n|---|---|---|\n| Revenue | 905 | 871 |\n| Gross margin | 48.1% | 46.9% |\n| Headcount | 310 | 322 |';

describe('rows of tables', () => {
  test('come with the row that names their columns', async () => {
    expect(await ask('What was the gross margin of Cygnus?', answerPassage(MARGINS))).toEqual([
      'Gross margin | 48.1% | 46.9%',
      'Q1 2023 | Q2 2023',
    ]);
  });

  test('stand alone where they name their columns', async () => {
    const named =
      'Region | 2023 | 2022\nRegion: North | 2023: 14 | 2022: 12\nRegion: South | 2023: 15 | 2022: 13';
    expect(await ask('What was the north region in 2023?', answerPassage(named))).toEqual([
      'Region: North | 2023: 14 | 2022: 12',
    ]);
  });

  test('of plain text get their header as well', async () => {
    const plain = 'Stock of the shop\n\nPart | Pieces | Price\nValve seat | 31 | 4.20\nGasket | 12 | 0.90';
    expect(await ask('How many pieces of the valve seat are in stock?', answerPassage(plain))).toEqual([
      'Valve seat | 31 | 4.20',
      'Part | Pieces | Price',
    ]);
  });
});

const STEPS =
  '1. Unplug the power adapter.\n2. Hold MENU while you plug it in.\n3. Release the key. Wait a minute.\n4. Set the hardness.\n5. Set the time.';

describe('steps', () => {
  test('below what is asked are quoted all, in order', async () => {
    const manual = answerPassage(
      `Some words before.\n\n## Resetting the softener\n\n${STEPS}\n\nIt keeps its counter.`,
    );
    expect(await ask('How do I reset the softener?', manual)).toEqual([STEPS]);
  });

  test('below a line that leads to them come with it', async () => {
    const manual = answerPassage(`To reset the softener to its factory settings, do as follows:\n\n${STEPS}`);
    expect(await ask('How is the softener reset to its factory settings?', manual)).toContain(STEPS);
  });

  test('come with a note below them', async () => {
    const manual = answerPassage(`${STEPS}\n\nA factory reset of the softener does not delete its counter.`);
    expect(await ask('How do I do a factory reset of the softener?', manual)).toContain(STEPS);
  });

  const START = '1. Connect the mains plug.\n2. Hold the power key for 3 seconds.\n3. Choose the language.';
  const MANUAL = answerPassage(
    `Aerovent | Products | Support\n\nAerovent X3 Operating manual\n\nProperty | Value\nProperty: Weight | Value: 12 kg\n\nMaintenance\n\nReplace the filter every 9 months. Do not clean the fan with solvents.\n\nFirst start\n\n${START}`,
    { title: 'Aerovent X3 Operating manual', headings: ['Aerovent X3 Operating manual'] },
  );

  test.each([
    'How do I start the Aerovent X3 for the first time?',
    'How to start the X3 for the first time',
    'What are the steps for the first start of the X3?',
    'Give me the instructions for the first start',
  ])('tell how something is done without words of reason: %s', async (question) => {
    expect(await ask(question, MANUAL)).toEqual([START]);
  });

  test.each([
    ['How do I repair the engine?', []],
    ['How long do I hold the power key?', ['2. Hold the power key for 3 seconds.']],
  ])('do not answer everything: %s', async (question, quotes) => {
    expect(await ask(question, MANUAL)).toEqual(quotes);
  });

  test('are not quoted by their number', async () => {
    const quotes = await ask('When do I hold MENU?', answerPassage(STEPS));
    expect(quotes.filter((quote) => /^\d+\.$/.test(quote))).toEqual([]);
  });

  test('of several words are one quote, also where they are no numbers', async () => {
    const boxes = '- Cups\n- Plates\n- Spoons\n- Knives\n- Forks';
    const list = answerPassage(`## What is in the box?\n\n${boxes}`);
    expect(await ask('What is in the box?', list)).toEqual([boxes.slice(2)]);
  });
});
