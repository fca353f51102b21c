import { randomUUID } from 'node:crypto';
import { AppError } from '../../src/common/errors/app-error.js';
import { MetadataFilter } from '../../src/common/filter/metadata-filter.js';
import { addCollections, startDatabase } from './vector-store.database.js';
import type { TestDatabase } from '../support/memory-database.js';
import { randomNumbers } from './vector-store.contract.js';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a field of a document is, as docs/filters.md says: the key of that name, and the way through objects. */
function found(metadata: Record<string, Json>, field: string): Json[] {
  const values = Object.hasOwn(metadata, field) ? [metadata[field] as Json] : [];
  const keys = field.split('.');
  if (keys.length === 1 || keys.includes('')) return values;
  let level: Json[] = [metadata];
  for (const key of keys)
    level = level
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .flatMap((value) => (isObject(value) && Object.hasOwn(value, key) ? [value[key] as Json] : []));
  return [...values, ...level];
}

const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function holds(operator: string, operand: Json, value: Json): boolean {
  if (operator === '$eq') return !isObject(value) && value === operand;
  if (typeof value !== typeof operand) return false;
  const order =
    typeof value === 'string'
      ? byCodePoint(value, operand as string)
      : (value as number) - (operand as number);
  return { $gt: order > 0, $gte: order >= 0, $lt: order < 0, $lte: order <= 0 }[operator] ?? false;
}

/** The language of filters in plain JavaScript. */
function matches(metadata: Record<string, Json>, filter: Record<string, Json>): boolean {
  return Object.entries(filter).every(([key, value]) => {
    if (key === '$and') return (value as Record<string, Json>[]).every((f) => matches(metadata, f));
    if (key === '$or') return (value as Record<string, Json>[]).some((f) => matches(metadata, f));
    if (key === '$not') return !matches(metadata, value as Record<string, Json>);
    return fieldMatches(metadata, key, isObject(value) ? value : { $eq: value });
  });
}

function fieldMatches(
  metadata: Record<string, Json>,
  field: string,
  operators: Record<string, Json>,
): boolean {
  const values = found(metadata, field);
  const some = (operator: string, operand: Json): boolean =>
    values.some((value) => (Array.isArray(value) ? value : [value]).some((v) => holds(operator, operand, v)));
  return Object.entries(operators).every(([operator, operand]) => {
    if (operator === '$exists') return values.length > 0 === operand;
    if (operator === '$ne') return !some('$eq', operand);
    if (operator === '$in') return (operand as Json[]).some((value) => some('$eq', value));
    if (operator === '$nin') return !(operand as Json[]).some((value) => some('$eq', value));
    if (operator === '$not') return !fieldMatches(metadata, field, operand as Record<string, Json>);
    return some(operator, operand);
  });
}

const random = randomNumbers(41);
const int = (below: number): number => Math.floor(random() * below);
const pick = <T>(values: readonly T[]): T => values[int(values.length)] as T;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const FIELDS = [
  'a',
  'b',
  'a.b',
  'a.b.c',
  'b.a',
  'é "x"',
  '.',
  'a.',
  'toString',
  "o'clock",
  '1',
  '\\',
  'ключ',
];
const SCALARS: Json[] = [
  0,
  1,
  -1,
  2,
  2.5,
  -0.1,
  1e300,
  5e-324,
  9_007_199_254_740_991,
  123_456_789_012,

  '',
  'a',
  'b',
  'B',
  '1',
  'true',
  'null',
  'ä',
  'z',
  '\u{10400}',
  '\uFFFD',
  '\u{1F600}',
  'a"b\\c',
  "'; --",
  '\n\u2028',
  true,
  false,
  null,
];
const TEXTS_AND_NUMBERS = SCALARS.filter((value) => typeof value === 'string' || typeof value === 'number');

function anyJson(depth: number): Json {
  const kind = int(depth > 0 ? 8 : 5);
  if (kind < 5) return pick(SCALARS);
  if (kind === 5) return times(int(4), () => anyJson(depth - 1));
  return Object.fromEntries(times(int(3), () => [pick(['a', 'b', 'c', '1']), anyJson(depth - 1)]));
}
const anyMetadata = (): Record<string, Json> =>
  Object.fromEntries(times(int(5), () => [pick(FIELDS), anyJson(3)]));

function anyOperators(depth: number): Record<string, Json> {
  return Object.fromEntries(
    times(1 + int(2), (): [string, Json] => {
      const operator = pick(['$eq', '$ne', '$in', '$nin', '$gt', '$gte', '$lt', '$lte', '$exists', '$not']);
      if (operator === '$exists') return [operator, pick([true, false])];
      if (operator === '$in' || operator === '$nin') return [operator, times(int(4), () => pick(SCALARS))];
      if (operator === '$not')
        return [operator, depth > 0 ? anyOperators(depth - 1) : { $eq: pick(SCALARS) }];
      return [operator, pick(operator === '$eq' || operator === '$ne' ? SCALARS : TEXTS_AND_NUMBERS)];
    }),
  );
}

function anyFilter(depth: number): Record<string, Json> {
  return Object.fromEntries(
    times(1 + int(2), (): [string, Json] => {
      const kind = int(depth > 0 ? 8 : 4);
      if (kind < 2) return [pick(FIELDS), pick(SCALARS)];
      if (kind < 4) return [pick(FIELDS), anyOperators(2)];
      if (kind < 5) return ['$not', anyFilter(depth - 1)];
      return [kind < 7 ? '$and' : '$or', times(1 + int(3), () => anyFilter(depth - 1))];
    }),
  );
}

describe('filters on metadata in PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startDatabase({});
  });
  afterAll(() => database.stop());

  /** Which of these documents a filter chooses, by the same condition that every index uses. */
  async function chosen(documents: readonly Record<string, Json>[], filter: unknown): Promise<boolean[]> {
    const parsed = MetadataFilter.parse(filter);
    if (!parsed) return documents.map(() => true);
    const rows = await database.dataSource.query<{ chosen: boolean }[]>(
      `select coalesce(m @@ $2::jsonpath, false) as chosen from unnest($1::jsonb[]) with ordinality x (m, n) order by n`,
      [documents.map((document) => JSON.stringify(document)), parsed.jsonPath],
    );
    return rows.map((row) => row.chosen);
  }

  test('a thousand random filters choose what plain JavaScript chooses', async () => {
    const documents = times(150, anyMetadata);
    let telling = 0;
    for (let i = 0; i < 1000; i++) {
      const filter = anyFilter(3);
      const expected = documents.map((document) => matches(document, filter));
      const actual = await chosen(documents, filter);
      const wrong = documents.findIndex((_, n) => actual[n] !== expected[n]);
      if (wrong >= 0)
        expect({ filter, document: documents[wrong], chosen: actual[wrong] }).toBe(expected[wrong]);
      if (expected.includes(true) && expected.includes(false)) telling++;
    }
    // A test whose filters all choose everything or nothing would prove nothing.
    expect(telling).toBeGreaterThan(200);
  });

  test.each<[string, Json, Json[], Json[]]>([
    ['numbers are not texts', { f: 1 }, [{ f: 1 }, { f: [2, 1] }], [{ f: '1' }, { f: true }, {}]],
    ['texts are not numbers', { f: '1' }, [{ f: '1' }], [{ f: 1 }]],
    ['whole and decimal numbers are one type', { f: 2 }, [{ f: 2.0 }], [{ f: 2.1 }]],
    ['null is a value, not a missing one', { f: null }, [{ f: null }], [{}, { f: 0 }, { f: '' }, { f: [] }]],
    [
      'what is missing is unequal',
      { f: { $ne: 1 } },
      [{}, { f: 2 }, { f: null }, { f: '1' }],
      [{ f: 1 }, { f: [1, 2] }],
    ],
    ['what is missing is not in a list', { f: { $nin: [1, 2] } }, [{}, { f: 3 }], [{ f: 1 }]],
    ['an empty list holds nothing', { f: { $in: [] } }, [], [{}, { f: 1 }, { f: null }]],
    ['nothing is in an empty list', { f: { $nin: [] } }, [{}, { f: 1 }], []],
    [
      'order wants the same type',
      { f: { $gt: 1 } },
      [{ f: 2 }, { f: ['x', 3] }],
      [{ f: '2' }, { f: true }, { f: null }, {}],
    ],
    ['and has no opposite for others', { f: { $lte: 1 } }, [{ f: 1 }], [{ f: '0' }, {}, { f: null }]],
    ['not is the opposite for all', { f: { $not: { $gt: 1 } } }, [{ f: 1 }, { f: 'x' }, {}], [{ f: 2 }]],
    [
      'texts are ordered by code point',
      { f: { $lt: 'a' } },
      [{ f: 'Z' }, { f: '' }],
      [{ f: 'ä' }, { f: 'b' }],
    ],
    ['exists', { f: { $exists: true } }, [{ f: null }, { f: [] }], [{}]],
    [
      'names with dots are keys or ways',
      { 'f.g': 1 },
      [{ 'f.g': 1 }, { f: { g: 1 } }, { f: [{ g: 1 }] }],
      [{ f: 1 }],
    ],
    [
      'objects equal nothing',
      { f: { $eq: 'x' } },
      [],
      [{ f: { g: 'x' } }, { f: [{ g: 'x' }] }, { f: [['x']] }],
    ],
    [
      'the shapes of Chroma',
      { $and: [{ f: { $gte: 1 } }, { $or: [{ g: 'x' }, { g: { $in: ['y'] } }] }] },
      [{ f: 1, g: 'y' }],
      [{ f: 1 }, { g: 'x' }],
    ],
    ['names of built-in properties', { constructor: 'x' }, [{ constructor: 'x' }], [{}]],
    ['an empty filter', {}, [{}, { f: 1 }], []],
  ])('%s', async (_name, filter, yes, no) => {
    const documents = [...yes, ...no] as Record<string, Json>[];
    expect(await chosen(documents, filter)).toEqual([...yes.map(() => true), ...no.map(() => false)]);
    // The evaluator of the property test has to agree, or it would test something else.
    expect(documents.map((document) => matches(document, filter as Record<string, Json>))).toEqual([
      ...yes.map(() => true),
      ...no.map(() => false),
    ]);
  });

  test('an equality is found by the index', async () => {
    const [collection] = await addCollections(database.dataSource, 1);
    await database.dataSource.query(
      `insert into documents (id, collection_id, external_id, status, metadata)
       select gen_random_uuid(), $1, n::text, 'ready', jsonb_build_object('n', n, 'even', n % 2 = 0)
       from generate_series(1, 4000) n`,
      [collection],
    );
    await database.dataSource.query('analyze documents');
    const plan = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
      'explain select id from documents where deleted_at is null and metadata @@ $1::jsonpath',
      [MetadataFilter.parse({ n: { $in: [17, 18] }, even: true })?.jsonPath],
    );
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('documents_metadata_idx');
  });

  test('the widest and the deepest filter that is allowed can be evaluated', async () => {
    const wide = { [`k${'e'.repeat(255)}`]: { $nin: times(256, () => randomUUID()) } };
    expect(await chosen([{ a: 1 }], wide)).toEqual([true]);
    let deep: Record<string, Json> = { a: 1 };
    for (let i = 0; i < 9; i++) deep = { $not: deep };
    expect(await chosen([{ a: 1 }], deep)).toEqual([false]);
    expect(await chosen([{ a: 5 }], { $or: times(100, () => ({ a: int(5) })) })).toEqual([false]);
  });

  const mistakes = (filter: unknown): [string, string][] => {
    try {
      MetadataFilter.parse(filter);
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_filter')
        return (error.errors ?? []).map(({ field, code }) => [field, code]);
      throw error;
    }
    return [];
  };

  const MISTAKES: [unknown, string, string][] = [
    [[], 'filter', 'filter_shape'],
    ['x', 'filter', 'filter_shape'],
    [{ $where: 'x' }, 'filter.$where', 'filter_operator'],
    [{ a: { $regex: 'x' } }, 'filter.a.$regex', 'filter_operator'],
    [{ a: { b: 1 } }, 'filter.a.b', 'filter_operator'],
    [{ a: {} }, 'filter.a', 'filter_shape'],
    [{ a: [1] }, 'filter.a', 'filter_value'],
    [{ a: { $in: 1 } }, 'filter.a.$in', 'filter_value'],
    [{ a: { $in: [1, [2]] } }, 'filter.a.$in.1', 'filter_value'],
    [{ a: { $gt: true } }, 'filter.a.$gt', 'filter_value'],
    [{ a: { $gt: null } }, 'filter.a.$gt', 'filter_value'],
    [{ a: { $exists: 1 } }, 'filter.a.$exists', 'filter_value'],
    [{ a: { $not: 1 } }, 'filter.a.$not', 'filter_shape'],
    [{ a: Infinity }, 'filter.a', 'filter_value'],
    [{ a: 'b\0' }, 'filter.a', 'filter_value'],
    [{ a: '\ud800' }, 'filter.a', 'filter_value'],
    [{ a: 'x'.repeat(1001) }, 'filter.a', 'filter_value'],
    [{ '': 1 }, 'filter.', 'filter_field'],
    [JSON.parse('{"__proto__": 1}'), 'filter.__proto__', 'filter_field'],
    [{ $and: [] }, 'filter.$and', 'filter_shape'],
    [{ $and: { a: 1 } }, 'filter.$and', 'filter_shape'],
    [{ $or: [{ a: 1 }, { $and: [{ b: { $gt: {} } }] }] }, 'filter.$or.1.$and.0.b.$gt', 'filter_value'],
    [{ $not: [{ a: 1 }] }, 'filter.$not', 'filter_shape'],
    [{ a: { $in: times(257, () => 1) } }, 'filter.a.$in', 'filter_too_wide'],
    [{ $and: times(101, () => ({ a: 1 })) }, 'filter.$and.100.a', 'filter_too_wide'],
    [{ $or: [{ $and: times(101, () => ({})) }] }, 'filter.$or.0.$and.100', 'filter_too_wide'],
  ];
  test.each(MISTAKES.map(([filter, field, code], n) => [n, field, code, filter] as const))(
    'mistake %i is told at %s as %s',
    (_n, field, code, filter) => {
      expect(mistakes(filter)).toEqual([[field, code]]);
    },
  );

  test('nesting is refused before it can do harm', () => {
    let deep: unknown = { a: 1 };
    for (let i = 0; i < 100_000; i++) deep = { $not: deep };
    expect(mistakes(deep).map(([, code]) => code)).toEqual(['filter_too_deep']);
    const empty = { $and: times(100_000, () => ({ $in: 1 })) };
    expect(mistakes(empty)).toHaveLength(20);
  });
});
