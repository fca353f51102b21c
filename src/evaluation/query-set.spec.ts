import { AppError } from '../common/errors/app-error.js';
import { gradesOf, judgedKey, readQuerySet } from './query-set.js';

const needed = { needed: true };
const ID = '0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52';
const query = { id: 'q1', text: 'When was the bridge opened?' };
const judgement = { query_id: 'q1', doc_id: 'bridge', relevance: 1 };

function fieldOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.errors?.[0]?.field}`;
    throw error;
  }
  return undefined;
}

describe('readQuerySet', () => {
  it('brings queries and their judgements together, in one order', () => {
    const set = readQuerySet(
      [query, { id: 'q2', text: 'Who sells tea on the moon?', answerable: false }],
      [judgement, { query_id: 'q1', document_id: ID.toUpperCase(), chunk_id: ID, relevance: 0 }],
      needed,
    );
    expect(set).toEqual([
      {
        ...query,
        answerable: true,
        judgements: [
          { document_id: ID, relevance: 0 },
          { doc_id: 'bridge', relevance: 1 },
        ],
      },
      { id: 'q2', text: 'Who sells tea on the moon?', answerable: false, judgements: [] },
    ]);
  });

  it.each([
    [[null], [], 'queries.0'],
    [[[]], [], 'queries.0'],
    [[{ ...query, extra: 1 }], [], 'queries.0.extra'],
    [[{ ...query, id: 1 }], [], 'queries.0.id'],
    [[{ ...query, id: 'x'.repeat(201) }], [], 'queries.0.id'],
    [[{ ...query, text: ' \n' }], [], 'queries.0.text'],
    [[{ ...query, text: 'x'.repeat(8001) }], [], 'queries.0.text'],
    [[{ ...query, text: 'a\u0000b' }], [], 'queries.0.text'],
    [[{ ...query, text: 'lone \ud800' }], [], 'queries.0.text'],
    [[{ ...query, answerable: 'no' }], [], 'queries.0.answerable'],
    [[query, query], [], 'queries.1.id'],
    [[query], [{ ...judgement, query_id: 'q9' }], 'judgements.0.query_id'],
    [[query], [{ ...judgement, query_id: {} }], 'judgements.0.query_id'],
    [[query], [{ ...judgement, relevance: 1.5 }], 'judgements.0.relevance'],
    [[query], [{ ...judgement, relevance: -1 }], 'judgements.0.relevance'],
    [[query], [{ ...judgement, relevance: '1' }], 'judgements.0.relevance'],
    [[query], [{ query_id: 'q1', relevance: 1 }], 'judgements.0'],
    [[query], [{ query_id: 'q1', document_id: 'x', relevance: 1 }], 'judgements.0.document_id'],
    [[query], [judgement, judgement], 'judgements.1'],
    [[{ ...query, answerable: false }], [judgement], 'judgements.0'],
    [[query], [{ ...judgement, relevance: 0 }], 'judgements'],
    [[query], [], 'judgements'],
  ])('refuses %j with %j at %s', (queries, judgements, field) => {
    expect(fieldOf(() => readQuerySet(queries, judgements, needed))).toBe(`validation_failed ${field}`);
  });

  it('takes no note of a key of every object', () => {
    const odd = JSON.parse('{"id":"q1","text":"x","constructor":1}') as unknown;
    expect(fieldOf(() => readQuerySet([odd], [], needed))).toBe('validation_failed queries.0.constructor');
  });

  it('needs no judgement where only answers are looked at', () => {
    expect(readQuerySet([query], [], { needed: false })).toHaveLength(1);
  });
});

describe('judgedKey', () => {
  it('knows a document by its id, else by its doc_id, also one that looks like the other', () => {
    const grades = gradesOf([
      { document_id: ID, relevance: 1 },
      { doc_id: 'bridge', relevance: 2 },
      { doc_id: ID, relevance: 3 },
    ]);
    const grade = (document_id: string, external_id: string): number | undefined =>
      grades.get(judgedKey(grades, { document_id, external_id }));
    expect(grade(ID, 'bridge')).toBe(1);
    expect(grade('another', 'bridge')).toBe(2);
    expect(grade('another', ID)).toBe(3);
    expect(grade('another', 'else')).toBeUndefined();
  });
});
