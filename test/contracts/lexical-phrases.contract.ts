import type { LexicalIndex } from '../../src/lexical/lexical-index.port.js';
import type { LexicalDocument } from '../../src/lexical/lexical.types.js';
import type { LexicalIndexUnderTest } from './lexical-index.contract.js';
import { Library } from './lexical.database.js';

const DOCUMENTS = 6;
const PASSAGES = 45;
const WORDS = 200;
const LETTERS = 'bcdfghjklm';
/** Words that no stemmer changes. */
const VOCABULARY = Array.from(
  { length: 1000 },
  (_, i) => `w${LETTERS[Math.floor(i / 100)]}${LETTERS[Math.floor(i / 10) % 10]}${LETTERS[i % 10]}q`,
);

/** Random numbers that a failing test can repeat. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Phrases in long texts: what is said to hold one holds it. */
export function describeLexicalPhrases(context: () => LexicalIndexUnderTest): void {
  let random: (below: number) => number;
  const word = (): string => VOCABULARY[random(VOCABULARY.length)]!;
  let index: LexicalIndex;
  let shelf: string;
  let books: LexicalDocument[];

  beforeEach(async () => {
    random = randomNumbers(7);
    const library = await Library.open(context().dataSource);
    shelf = await library.addCollection();
    index = context().create();
    await index.createIndex();
    books = Array.from({ length: DOCUMENTS }, () =>
      library.draft(
        shelf,
        `${word()} ${word()}`,
        Array.from({ length: PASSAGES }, () => Array.from({ length: WORDS }, word).join(' ')),
      ),
    );
    await library.publish(index, ...books);
  });
  afterEach(() => index.close());

  const exactHits = async (phrase: string, level: 'document' | 'chunk'): Promise<Set<string>> => {
    const hits = await index.query(`"${phrase}"`, { topK: 500, level, collectionIds: [shelf] });
    const marks = hits.map((hit) => hit.exact ?? 0);
    expect(marks).toEqual(marks.toSorted((a, b) => b - a));
    return new Set(
      hits
        .filter((hit) => hit.exact)
        .map((hit) => (level === 'document' ? hit.documentId : hit.chunkIds[0]!)),
    );
  };

  const texts = ({ title, chunks }: LexicalDocument): string[] => [title!, ...chunks.map(({ text }) => text)];
  const neighbours = (phrase: string): [string, string][] => {
    const words = phrase.split(' ');
    return words.slice(1).map((next, i) => [words[i]!, next]);
  };

  /** Ids of the units of which for each two neighbours of the phrase one text passes. */
  const unitsWhere = (
    phrase: string,
    level: 'document' | 'chunk',
    passes: (text: string, a: string, b: string) => boolean,
  ): Set<string> => {
    const all = (among: readonly string[]): boolean =>
      neighbours(phrase).every(([a, b]) => among.some((text) => passes(` ${text} `, a, b)));
    return new Set(
      books.flatMap((book) =>
        level === 'document'
          ? all(texts(book))
            ? [book.documentId]
            : []
          : book.chunks.filter(({ text }) => all([book.title!, text])).map(({ chunkId }) => chunkId),
      ),
    );
  };
  const sideBySide = (text: string, a: string, b: string): boolean =>
    text.includes(` ${a} ${b} `) || text.includes(` ${b} ${a} `);
  const together = (text: string, a: string, b: string): boolean =>
    text.includes(` ${a} `) && text.includes(` ${b} `);

  /** What holds the phrase by its text is a hit, and nothing else, however many texts have its words apart. */
  const check = async (phrases: readonly string[]): Promise<void> => {
    let apart = 0;
    for (const phrase of phrases)
      for (const level of ['document', 'chunk'] as const) {
        const holding = unitsWhere(phrase, level, sideBySide);
        expect([phrase, level, await exactHits(phrase, level)]).toEqual([phrase, level, holding]);
        apart += unitsWhere(phrase, level, together).size - holding.size;
      }
    expect(apart).toBeGreaterThan(50);
  };

  test('a phrase that stands nowhere is held by nothing, though its words are everywhere', async () => {
    const whole = ` ${books.flatMap(texts).join(' . ')} `;
    const asked: string[] = [];
    while (asked.length < 25) {
      const [a, b] = [word(), word()];
      if (a !== b && !sideBySide(whole, a, b)) asked.push(`${a} ${b}`);
    }
    await check(asked);
  });

  test('a phrase is held by what holds it by the text itself', async () => {
    await check(
      Array.from({ length: 25 }, () => {
        const passage = books[random(DOCUMENTS)]!.chunks[random(PASSAGES)]!.text.split(' ');
        const from = random(WORDS - 4);
        return passage.slice(from, from + 2 + random(3)).join(' ');
      }),
    );
  });
}
