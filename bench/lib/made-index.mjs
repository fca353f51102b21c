// A word index of made text: words drawn with the frequencies that words of real texts have (Zipf–Mandelbrot).
import { crc32 } from 'node:zlib';
import { SegmentWriter } from '../../dist/lexical/engine/segment/segment-writer.js';

/** Chunks of one segment: about the 8 MB at which the database stops merging. */
const CHUNKS_PER_SEGMENT = 12_000;
const CHUNKS_PER_DOCUMENT = 4;
const VOCABULARY = 1_000_000;
const SHIFT = 30;
const MEAN_LENGTH = 110;
// Without vowels there is nothing for a stemmer to take off.
const LETTERS = 'bcdfghjklmnpqrtvwxz';

/** Numbers below 1 that are the same in each run. */
export function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The rank of a word, 0 the most frequent: in proportion to 1 / (rank + 30). */
const rankAt = (share) => Math.floor(SHIFT * ((VOCABULARY + SHIFT) / SHIFT) ** share - SHIFT);

export function wordOf(rank) {
  let word = '';
  for (let rest = rank + 361; rest > 0; rest = Math.floor(rest / LETTERS.length))
    word = LETTERS[rest % LETTERS.length] + word;
  return word;
}

/** Segments with `chunks` passages in all, one after the other, as the log hands them over. */
export function* madeSegments(chunks, collectionId, { seed = 1, after = 0 } = {}) {
  const random = seeded(seed);
  const uuid = () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  const collection = Buffer.from(collectionId.replaceAll('-', ''), 'hex');
  for (let at = 0, sequence = after + 1; at < chunks; at += CHUNKS_PER_SEGMENT, sequence++) {
    const count = Math.min(CHUNKS_PER_SEGMENT, chunks - at);
    const writer = new SegmentWriter();
    const keys = [];
    for (let chunk = 0; chunk < count; chunk++) {
      if (chunk % CHUNKS_PER_DOCUMENT === 0)
        writer.addDocument({
          documentId: uuid(),
          versionId: uuid(),
          collectionId: collection,
          titleLength: 0,
          nameLength: 0,
          headPairs: new Uint16Array(0),
        });
      const length = Math.ceil(MEAN_LENGTH * (0.5 + random()));
      for (let i = 0; i < length; i++) keys.push(rankAt(random()) * CHUNKS_PER_SEGMENT + chunk);
      const pairs = Uint16Array.from({ length: length - 1 }, () => random() * 65_536);
      writer.addChunk({ id: uuid(), bodyLength: length, headingLength: 0, pairs });
    }
    const postings = new Map();
    let list = [];
    for (const key of Float64Array.from(keys).sort()) {
      const rank = Math.floor(key / CHUNKS_PER_SEGMENT);
      const chunk = key % CHUNKS_PER_SEGMENT;
      if (!postings.has(rank)) postings.set(rank, (list = []));
      if (list.at(-2) === chunk) list[list.length - 1]++;
      else list.push(chunk, 1);
    }
    const terms = [...postings].map(([rank, body]) => ({ bytes: Buffer.from(wordOf(rank)), body }));
    terms.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    for (const { bytes, body } of terms) writer.addTerm(bytes, { body });
    const bytes = writer.finish(['en']);
    const checksum = crc32(new Uint8Array(bytes));
    yield { kind: 'segment', sequence, first: sequence, last: sequence, checksum, bytes, empty: false };
  }
}

/** Texts of so many words. */
export function* madeTexts(count, words, seed = 3) {
  const random = seeded(seed);
  for (let i = 0; i < count; i++)
    yield Array.from({ length: words }, () => wordOf(rankAt(random()))).join(' ');
}

/** Questions of 4 to 12 words, as frequent in them as in the text. */
export function madeQueries(count, seed = 2) {
  const random = seeded(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 4 + Math.floor(random() * 9) }, () => wordOf(rankAt(random()))).join(' '),
  );
}
