import { computingTime } from '../../../test/support/clock.js';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { estimateTokens } from '../../embeddings/token-counter.js';
import type { ExtractedText, TextBlock } from '../extract/extract.types.js';
import type { Chunk, TokenCounter } from './chunk.types.js';
import { chunkText } from './chunker.js';
import { readPlainText } from './plain-blocks.js';

const MAX = 256;

/** Small generator of repeatable numbers, so that a failure can be replayed from its seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) | 0;
    return ((state >>> 0) % 65_536) % below;
  };
}

const WORDS = [
  'the',
  'Retention',
  'policy',
  'of',
  'invoices',
  'ätherisch',
  '電子',
  'مرحبا',
  '👩‍👩‍👧',
  'e\u0301',
  '3.14',
  'C++',
  'x'.repeat(40),
  '한국어',
  '.',
  'नमस्ते',
];
const GAPS = ['\n', '\n\n', '\n\n---\n\n', '   \n', '\n<!-- a comment -->\n'];
const KINDS = ['heading', 'paragraph', 'paragraph', 'list_item', 'table_row', 'code'] as const;

function randomDocument(seed: number): ExtractedText {
  const next = random(seed);
  let text = GAPS[next(GAPS.length)]!;
  const blocks: TextBlock[] = [];
  let page = 1;
  for (let i = next(60); i >= 0; i--) {
    const kind = KINDS[next(KINDS.length)]!;
    const length =
      kind === 'heading' ? 1 + next(next(10) === 0 ? 200 : 8) : 1 + next(next(6) === 0 ? 900 : 60);
    const words = Array.from({ length }, () => WORDS[next(WORDS.length)]! + (next(12) === 0 ? '.' : ''));
    const body = words.join(next(8) === 0 ? '' : ' ');
    page += next(10) === 0 ? 1 : 0;
    blocks.push({
      kind,
      start: text.length,
      end: text.length + body.length,
      page,
      ...(kind === 'heading' ? { level: 1 + next(6) } : {}),
    });
    text += body + GAPS[next(GAPS.length)]!;
  }
  return { text, blocks, title: null, mime: 'text/plain', pages: page };
}

/** What holds for every document: the promises of `chunkText`. */
function check(document: ExtractedText, chunks: Chunk[], count: TokenCounter, maxTokens: number): void {
  const times = new Uint8Array(document.text.length);
  const { blocks } = document;
  let last = 0;
  for (const [i, chunk] of chunks.entries()) {
    // One comparison per chunk: thousands of single expectations would take minutes.
    const { text, searchText, tokenCount, charStart, charEnd } = chunk;
    const found = {
      ordinal: chunk.ordinal,
      exact: text === document.text.slice(charStart, charEnd),
      trimmed: text !== '' && text.trim() === text,
      wellFormed: text.isWellFormed(),
      inOrder: charStart >= last,
      onItsPage: chunk.page === (blocks.findLast(({ start }) => start <= charStart)?.page ?? null),
      searchable: searchText.endsWith(text),
      counted: tokenCount === count(searchText) + 2,
      withinLimit: tokenCount <= maxTokens,
    };
    const wanted = {
      ordinal: i,
      exact: true,
      trimmed: true,
      wellFormed: true,
      inOrder: true,
      onItsPage: true,
      searchable: true,
      counted: true,
      withinLimit: true,
    };
    if (!isDeepStrictEqual(found, wanted)) expect({ ...found, text }).toEqual({ ...wanted, text });
    last = charEnd;
    times.fill(1, charStart, charEnd);
  }
  const everything = chunks.map((chunk) => chunk.searchText.replaceAll(/\s+/g, ' ')).join('\n');
  for (const block of blocks) {
    const words = document.text.slice(block.start, block.end);
    if (block.kind === 'heading' && everything.includes(words.replaceAll(/\s+/g, ' ').trim())) continue;
    for (let at = block.start; at < block.end; at++)
      if (times[at] === 0 && /\S/.test(document.text.charAt(at)))
        throw new Error(`character ${at} is in no chunk`);
  }
}

const counters: Record<string, TokenCounter> = {
  'an estimate of WordPiece': estimateTokens,
  'one per character': (text) => text.length,
  'one per word, however long': (text) => text.match(/\S+/g)?.length ?? 0,
  'a total above the sum of its parts': (text) =>
    Math.ceil((text.match(/\S+/g)?.length ?? 0) * (1 + Math.min(1, text.length / 2000))),
};

describe('chunkText', () => {
  for (const [name, count] of Object.entries(counters)) {
    it(`keeps its promises on random documents, counting ${name}`, () => {
      for (let seed = 0; seed < 40; seed++) {
        const document = randomDocument(seed);
        for (const maxTokens of [48, MAX]) {
          const title = seed % 3 === 0 ? null : 'Annual report '.repeat(1 + (seed % 7) * 5);
          check(document, chunkText(document, { title, maxTokens }, count), count, maxTokens);
        }
      }
    });
  }

  const chunk = (text: string, title: string | null = null): Chunk[] => {
    const document = readPlainText(text);
    const chunks = chunkText(document, { title, maxTokens: MAX }, estimateTokens);
    check(document, chunks, estimateTokens, MAX);
    return chunks;
  };

  it('gives nothing for white space and one chunk for one word', () => {
    expect(chunk('')).toEqual([]);
    expect(chunk(' \n\t\u00a0\n ')).toEqual([]);
    expect(chunk('  word \n')).toMatchObject([
      { text: 'word', charStart: 2, charEnd: 6, searchText: 'word', headingPath: [], page: null },
    ]);
  });

  it('puts title and headings in front and does not repeat them in the passage', () => {
    const [first, second] = chunk(
      `# Guide\n\n## Install\n\n${'Run the installer now. '.repeat(10)}\n\n## Remove\n\n${'Delete the folder. '.repeat(12)}`,
      'Manual',
    );
    expect(first).toMatchObject({ headingPath: ['Guide', 'Install'] });
    expect(first!.searchText.startsWith('Manual\nGuide > Install\nRun the installer')).toBe(true);
    expect(second).toMatchObject({ headingPath: ['Guide', 'Remove'] });
    expect(second!.text.startsWith('Delete')).toBe(true);
  });

  it('keeps headings that nothing stands under', () => {
    const chunks = chunk('# One\n\n# Two\n\n## Two and a half\n\n# Three');
    expect(chunks.map((c) => c.text).join(' ')).toMatch(/One[^]*Two[^]*Two and a half[^]*Three/);
    const mixed = chunk(`# Empty\n\n# Full\n\n${'Some words here. '.repeat(30)}\n\n# Last`);
    expect(mixed.some((c) => c.searchText.includes('Empty'))).toBe(true);
    expect(mixed.at(-1)!.searchText).toContain('Last');
  });

  it('lets short neighbours share a passage but no long ones', () => {
    const glossary = ['Ask', 'Bid', 'Call'].map((term) => `## ${term}\n\nA word of traders.`).join('\n\n');
    expect(chunk(glossary)).toHaveLength(1);
    const long = ['Ask', 'Bid']
      .map((term) => `## ${term}\n\n${'A word that traders use every day. '.repeat(12)}`)
      .join('\n\n');
    expect(chunk(long).map((c) => c.headingPath)).toEqual([['Ask'], ['Bid']]);
  });

  it('cuts long paragraphs where sentences end, also across lines', () => {
    const sentence = (i: number): string =>
      `Sentence number ${i} talks about the retention\nof invoices in the archive.`;
    const chunks = chunk(Array.from({ length: 80 }, (_, i) => sentence(i)).join(' '));
    expect(chunks.length).toBeGreaterThan(3);
    for (const { text } of chunks) expect(text).toMatch(/^Sentence[^]*archive\.$/);
  });

  it('keeps a list together that fits into one passage', () => {
    const intro = `${'Some prose before the list goes here. '.repeat(12)}\n\n`;
    const list = Array.from({ length: 12 }, (_, i) => `- item ${i} of the list`).join('\n');
    const chunks = chunk(`${intro}${list}`);
    expect(chunks.filter((c) => c.text.includes('- item'))).toHaveLength(1);
  });

  it('repeats the header of a Markdown table in front of its later rows', () => {
    const rows = Array.from({ length: 120 }, (_, i) => `| town ${i} | ${i * 1000} |`).join('\n');
    const chunks = chunk(`# Towns\n\n| Name | Inhabitants |\n|------|------|\n${rows}\n`);
    expect(chunks.length).toBeGreaterThan(2);
    for (const { searchText } of chunks) expect(searchText).toContain('| Name | Inhabitants |');
  });

  it('cuts scripts without spaces between characters', () => {
    const chinese =
      '第一条 为了保护合同当事人的合法权益，维护社会经济秩序，促进社会主义现代化建设，制定本法。'.repeat(60);
    const chunks = chunk(chinese);
    expect(chunks.length).toBeGreaterThan(10);
    const thai = chunk('ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน'.repeat(100));
    for (const { text } of thai) expect(text).not.toMatch(/^\p{M}/u);
    chunk('إجراء تحليلات معقدة بطريقة سريعة وفعالة. '.repeat(200), 'تقرير');
  });

  it('never parts surrogate pairs or joined emoji', () => {
    const family = '👩‍👩‍👧‍👦';
    for (const { text } of chunk(family.repeat(3000))) expect(text.replaceAll(family, '')).toBe('');
  });

  it('cuts a megabyte without a space, and lower-case words without sentences', () => {
    const chunks = chunk('a'.repeat(1_000_000));
    expect(Math.max(...chunks.map((c) => c.text.length))).toBeLessThan(3000);
    expect(chunk('word and more words '.repeat(20_000)).length).toBeGreaterThan(300);
  });

  it('takes time linear in the length', () => {
    const paragraph = `${'The committee approved the budget for the coming year. '.repeat(20)}\n\n`;
    const time = (copies: number): number => {
      const document = readPlainText(paragraph.repeat(copies));
      return computingTime(() =>
        chunkText(document, { title: 'Minutes', maxTokens: MAX }, (text) => Math.ceil(text.length / 4)),
      );
    };
    const least = (copies: number): number => Math.min(...[1, 2, 3].map(() => time(copies)));
    time(200);
    const small = least(200);
    expect(least(2000)).toBeLessThan(30 * Math.max(small, 5));
  });

  it('drops the prefix rather than break the limit', () => {
    const document = readPlainText(`# ${'Heading of many words '.repeat(3)}\n\n${'text '.repeat(100)}`);
    const chunks = chunkText(document, { title: 'Title '.repeat(90), maxTokens: 32 }, estimateTokens);
    check(document, chunks, estimateTokens, 32);
  });
});

describe('readPlainText', () => {
  it('reads Markdown only where it looks like it', () => {
    expect(readPlainText('# Title\n\nText').title).toBe('Title');
    expect(readPlainText('#!/bin/sh\n# build it\nmake\n').blocks.every((b) => b.kind !== 'heading')).toBe(
      true,
    );
    expect(readPlainText('x = 1\n# add one\nx += 1\n# and one more\nx += 1\n').mime).toBe('text/plain');
  });

  it('normalises what databases and decoders choke on', () => {
    expect(readPlainText('a\0b\r\nc\ud800d\u0007').text).toBe('ab\nc\ufffdd');
  });
});
