import { Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';
import { randomBytes } from 'node:crypto';

describe('looking up a term', () => {
  // Many that begin alike, more than one sample of them; short ones, and letters of several bytes.
  const words = Array.from({ length: 1000 }, (_, i) => i.toString(36)).flatMap((end) => [
    `common${end}`,
    `z${end}`,
    `ж${end}`,
    end,
  ]);
  const present = words.filter((_, i) => i % 3 !== 0);
  const bytesOf = (word: string): Buffer => Buffer.from(word, 'utf8');

  it.each([0, 1, 63, 64, 65, 128, 2666])('finds each of the first %d, and no other', (count) => {
    const writer = new SegmentWriter();
    writer.addDocument({
      documentId: randomBytes(16),
      versionId: randomBytes(16),
      collectionId: randomBytes(16),
      titleLength: 0,
      nameLength: 0,
      headPairs: new Uint16Array(0),
    });
    writer.addChunk({
      id: randomBytes(16),
      bodyLength: 1,
      headingLength: 0,
      pairs: new Uint16Array(0),
    });
    const terms = present.slice(0, count).map(bytesOf).sort(Buffer.compare);
    for (const bytes of terms) writer.addTerm(bytes, { body: [0, 1] });
    const segment = new Segment(writer.finish(['en']));
    expect(terms.map((term) => segment.findTerm(term))).toEqual(terms.map((_, i) => i));
    const held = new Set(terms.map((term) => term.toString('utf8')));
    for (const word of ['', 'common', 'commonzzzz', '~', '\u{10ffff}', ...words])
      if (!held.has(word)) expect(segment.findTerm(bytesOf(word))).toBe(-1);
  });
});
