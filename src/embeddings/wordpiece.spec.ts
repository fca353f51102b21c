import fs from 'node:fs';
import path from 'node:path';
import { estimateTokens, loadTokenCounter } from './token-counter.js';
import { WordPiece } from './wordpiece.js';

const shared = path.resolve(process.env['SHARED_DIR'] ?? path.join(import.meta.dirname, '../../../shared'));
const modelDir = path.join(shared, 'models/all-MiniLM-L6-v2');
const present = fs.existsSync(path.join(modelDir, 'tokenizer.json'));
const suite = present || process.env['REQUIRE_SHARED'] === '1' ? describe : describe.skip;

/** What the reference implementation (@huggingface/tokenizers 0.2.0) gives, without special tokens. */
const REFERENCE: [string, number[]][] = [
  ['', []],
  ['Hello, world!', [7592, 1010, 2088, 999]],
  [
    'The electroencephalography of β-catenin (CXCR4+) costs $3.50.',
    [
      1996, 16175, 10127, 21890, 21197, 26228, 1997, 1156, 1011, 4937, 18595, 2078, 1006, 1039, 2595, 26775,
      2549, 1009, 1007, 5366, 1002, 1017, 1012, 2753, 1012,
    ],
  ],
  ['Ünïcödé naïve İstanbul', [27260, 15743, 9960]],
  [
    '한국어 텍스트입니다',
    [
      1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1467, 30009, 30020, 29997, 30017, 30003, 30017,
      29999, 30019, 30024, 29992, 30019, 29993, 30006,
    ],
  ],
  ['日本語テキスト', [1864, 1876, 1950, 1713, 30227, 30233, 30240]],
  ['中文分词 test', [1746, 1861, 1775, 100, 3231]],
  ['हिन्दी भाषा', [1339, 29877, 29863, 29861, 29878, 1330, 29876, 29873, 29876]],
  ['C++ AMD-2022Q2 🙂', [1039, 1009, 1009, 2572, 2094, 1011, 16798, 2475, 4160, 2475, 100]],
  ['a\u200bb \ufeffc', [11113, 1039]],
  ['nul\u0000inside', [16371, 24412, 5178]],
  ['lone \ud800 surrogate', [10459, 7505, 21799]],
  ['x'.repeat(101), [100]],
  ['tab\tnew\nline\r\nend  ', [21628, 2047, 2240, 2203]],
];

suite(`WordPiece (needs ${modelDir})`, () => {
  let tokenizer: WordPiece;
  beforeAll(() => {
    tokenizer = new WordPiece(fs.readFileSync(path.join(modelDir, 'tokenizer.json'), 'utf8'));
  });

  it.each(REFERENCE)('gives the ids of the reference for %j', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.count(text)).toBe(ids.length);
  });

  it('lower-cases sigma as the model was trained, without the final form', () => {
    expect(tokenizer.encode('ΣΟΦΟΣ')).toEqual(tokenizer.encode('σοφοσ'));
  });

  it('reads the names of special tokens in a text as text', () => {
    const ids = tokenizer.encode('a [SEP] b [CLS] [MASK]');
    expect(ids).not.toContain(tokenizer.sepId);
    expect(ids).not.toContain(tokenizer.clsId);
  });

  it('reads a text of many slices like its parts', () => {
    const sentence = 'The quick brown fox naïvely jumps over 42 lazy dogs. ';
    const once = tokenizer.encode(sentence);
    const many = tokenizer.encode(sentence.repeat(3_000));
    expect(many.length).toBe(once.length * 3_000);
    expect(many.slice(-once.length)).toEqual(once);
  });

  it('cuts unbroken text between code points', () => {
    // Every ideograph is a token of its own, so a torn one would show.
    expect(tokenizer.count('\u{20000}'.repeat(40_000))).toBe(40_000);
  });

  it('refuses a tokenizer of another kind', () => {
    expect(() => new WordPiece('{"model":{"type":"BPE","vocab":{}}}')).toThrow('not an uncased WordPiece');
  });

  it('is what the counter of a model folder counts with', async () => {
    const count = await loadTokenCounter(modelDir);
    for (const [text, ids] of REFERENCE) expect(count(text)).toBe(ids.length);
  });

  it('is not undercut by the estimate on real passages', () => {
    const corpus = path.join(shared, 'eval/cranfield/corpus.jsonl');
    const texts = fs.readFileSync(corpus, 'utf8').split('\n').filter(Boolean).slice(0, 400);
    const passages = texts.map((line) =>
      (JSON.parse(line) as { text: string }).text.split(' ').slice(0, 150).join(' '),
    );
    let ratio = 0;
    for (const passage of passages) {
      const real = tokenizer.count(passage);
      expect(estimateTokens(passage)).toBeGreaterThanOrEqual(real);
      ratio += estimateTokens(passage) / Math.max(1, real) / passages.length;
    }
    expect(ratio).toBeLessThan(1.6);
  });
});

describe('the estimate without a tokenizer', () => {
  it('counts an ideograph as one token and nothing in an empty text', async () => {
    const count = await loadTokenCounter(undefined);
    expect(count('')).toBe(0);
    expect(count('中文分词')).toBe(4);
  });

  it('grows with every word and mark', () => {
    expect(estimateTokens('Hello, world!')).toBeGreaterThanOrEqual(4);
    expect(estimateTokens('CXCR4+ 2022')).toBeGreaterThanOrEqual(5);
  });
});
