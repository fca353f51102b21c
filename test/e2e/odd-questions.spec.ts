import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { computingTimeOf } from '../support/clock.js';

/** What each odd question gets: 200 and an ordinary answer, or a refusal that says why. */
const QUESTIONS: [string, string, number][] = [
  ['empty', '', 400],
  ['spaces', '  \t ', 400],
  ['line ends', '\n\r\n', 400],
  ['no-break and ideographic spaces', '\u00a0\u3000', 400],
  ['one letter', 'a', 200],
  ['one ideograph', '桥', 200],
  ['one sign', '?', 200],
  ['8,000 characters', 'bridge '.repeat(1142).slice(0, 8000), 200],
  ['8,001 characters', 'x'.repeat(8001), 400],
  ['100,000 characters', 'x'.repeat(100_000), 400],
  ['one word of 8,000 characters', 'x'.repeat(8000), 200],
  ['eight thousand words of one letter', 'a '.repeat(4000).trim(), 200],
  ['another language', 'Cuándo se inauguró el puente de Oresund?', 200],
  ['a script that nothing is written in', 'როდის გაიხსნა ხიდი?', 200],
  ['several scripts', 'bridge 桥 мост γέφυρα पुल جسر', 200],
  ['emoji', '🦉🌉👩‍👩‍👧', 200],
  ['2,000 emoji', '🦉'.repeat(2000), 200],
  ['control characters', '\u0001\u0007\u001b[31m\u007f', 200],
  ['control characters among words', 'bri\u0001dge \u001b[31mopened\u0000'.replace('\u0000', ''), 200],
  ['a NUL', 'bridge\u0000', 400],
  ['direction marks and tags', '\u202ebridge\u202c \u{e0041}\u{e0042}', 200],
  ['half a character', 'bridge \ud83c', 400],
  ['marks that pile up', `b${'\u0301'.repeat(3000)}`, 200],
  ['quotes that never end', '"'.repeat(999), 200],
  ['quotes around nothing', '"" “” « »', 200],
  ['a thousand phrases', '"a b" '.repeat(1000).trim(), 200],
  ['a query language', 'title:bridge AND (a OR b) NOT c^2 ~3 [1 TO 5] {x} * ?', 200],
  ['SQL', "'; drop table documents; -- $1 %s", 200],
  ['patterns', '%_\\%\\_ .* (a+)+$', 200],
  ['JSON', '{"$gt":""}', 200],
  ['a template', '{{7*7}} ${7*7} <%= 7*7 %>', 200],
  ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>', 200],
];

describe('odd questions', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    for (const [doc_id, text] of [
      ['bridge', 'The Oresund bridge was opened in 2000.'],
      ['zh', '厄勒海峡大桥于2000年通车。桥很长。'],
    ])
      await user.post('/rag/add_document', { body: { doc_id, text, wait_ms: 0 } });
  });
  afterAll(() => app?.close());

  test.each(QUESTIONS)('%s', async (_what, question, status) => {
    const asked: [string, object][] = [
      ['/rag/rag_query', { query: question }],
      ['/rag/rag_query', { query: question, mode: 'lexical', group_by: 'document' }],
      ['/rag/langchain_query', { question }],
      ['/rag/ask', { question }],
      ['/rag/ask', { question, stream: true }],
    ];
    for (const [path, body] of asked) {
      const response = await user.post(path, { body });
      expect([path, body, response.status]).toEqual([path, body, status]);
      if (status !== 200) {
        expect(response.body).toMatchObject({
          code: 'validation_failed',
          errors: [{ code: expect.any(String) }],
        });
        continue;
      }
      if ('stream' in body) expect(response.text).toMatch(/^event: sources\n[\s\S]*event: done\n/);
      else if (path === '/rag/rag_query') expect(response.body.retrieval.mode).toBe('lexical');
      else {
        expect(response.body.answer.length).toBeGreaterThan(0);
        // A question comes back to nobody as markup, nor as a fact.
        expect(response.body.answer).not.toMatch(/<script|<img|alert\(1\)|\b49\b/);
      }
    }
    // With meaning alone it is said that there is no encoder, whatever is asked.
    const dense = await user.post('/rag/rag_query', { body: { query: question, mode: 'dense' } });
    expect([dense.status, dense.body.code]).toEqual(
      status === 200 ? [503, 'encoder_unavailable'] : [400, 'validation_failed'],
    );
  });

  test('do not hide what they ask for', async () => {
    for (const query of [
      'bri\u200bdge',
      '\u202eOresund\u202c',
      'ＯＲＥＳＵＮＤ',
      '"Oresund bridge" 🦉',
      'oresund\u0007',
    ]) {
      const { body } = await user.post('/rag/rag_query', { body: { query, n_results: 1 } });
      expect([query, body.results[0]?.id]).toEqual([query, 'bridge']);
    }
  });

  test('cost a bounded time', async () => {
    const queries = [
      '"a b" '.repeat(1300),
      'x'.repeat(8000),
      '(a+)+$'.repeat(1000),
      `b${'\u0301'.repeat(7000)}`,
    ];
    const spent = await computingTimeOf(async () => {
      for (const query of queries) await user.post('/rag/ask', { body: { question: query } });
    });
    expect(spent).toBeLessThan(20_000);
  });
});
