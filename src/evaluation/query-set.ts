import { AppError } from '../common/errors/app-error.js';
import { isStorableText } from '../common/storable-text.js';
import type { Judgement, JudgedQuery } from './evaluations.types.js';

export const MAX_QUERIES = 5000;
export const MAX_JUDGEMENTS = 50_000;
export const MAX_QUERY_ID = 200;
export const MAX_QUERY = 8000;
export const MAX_DOC_ID = 512;
export const MAX_RELEVANCE = 100;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const QUERY_KEYS = new Set(['id', 'text', 'answerable']);
const JUDGEMENT_KEYS = new Set(['query_id', 'document_id', 'doc_id', 'chunk_id', 'relevance']);

type Raw = Record<string, unknown>;

function refuse(field: string, code: string, detail: string): never {
  throw new AppError('validation_failed', `${field}: ${detail}.`, { errors: [{ field, code, detail }] });
}

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most && isStorableText(value);

function objectAt(value: unknown, field: string, known: ReadonlySet<string>): Raw {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(field, 'isObject', 'must be an object');
  for (const key of Object.keys(value))
    if (!known.has(key)) refuse(`${field}.${key.slice(0, 100)}`, 'whitelistValidation', 'should not exist');
  return value as Raw;
}

/**
 * Thousands of questions and judgements as a client sent them, read in one pass: libraries that look at objects one by
 * one would hold everybody up.
 * @throws AppError `validation_failed` that names the first field that is wrong
 */
export function readQuerySet(
  queries: readonly unknown[],
  judgements: readonly unknown[],
  { needed }: { needed: boolean },
): JudgedQuery[] {
  const read = new Map<string, JudgedQuery & { judgements: Judgement[] }>();
  queries.forEach((value, i) => {
    const query = readQuery(value, `queries.${i}`);
    if (read.has(query.id)) refuse(`queries.${i}.id`, 'isUnique', 'another query has this id');
    read.set(query.id, query);
  });
  const seen = new Set<string>();
  judgements.forEach((value, i) => {
    const field = `judgements.${i}`;
    const { queryId, judgement } = readJudgement(value, field);
    const query = read.get(queryId);
    if (!query) refuse(`${field}.query_id`, 'isKnown', 'no query has this id');
    const pair = JSON.stringify([queryId, keyOf(judgement)]);
    if (seen.has(pair)) refuse(field, 'isUnique', 'this document is judged twice for this query');
    seen.add(pair);
    if (judgement.relevance > 0 && !query.answerable)
      refuse(field, 'isAnswerable', 'the query is said to have no answer, and this document to answer it');
    query.judgements.push(judgement);
  });
  const set = [...read.values()].map((query) => ({ ...query, judgements: sorted(query.judgements) }));
  if (needed && !set.some((query) => query.judgements.some(({ relevance }) => relevance > 0)))
    refuse(
      'judgements',
      'isNotEmpty',
      'no document is judged relevant for any query: nothing can be measured',
    );
  return set;
}

function readQuery(value: unknown, field: string): JudgedQuery & { judgements: Judgement[] } {
  const { id, text, answerable = true } = objectAt(value, field, QUERY_KEYS);
  if (!isText(id, MAX_QUERY_ID))
    refuse(`${field}.id`, 'isText', `must be text of 1 to ${MAX_QUERY_ID} characters`);
  if (!isText(text, MAX_QUERY))
    refuse(`${field}.text`, 'isText', `must be text of 1 to ${MAX_QUERY} characters`);
  if (typeof answerable !== 'boolean') refuse(`${field}.answerable`, 'isBoolean', 'must be true or false');
  return { id, text, answerable, judgements: [] };
}

function readJudgement(value: unknown, field: string): { queryId: string; judgement: Judgement } {
  const raw = objectAt(value, field, JUDGEMENT_KEYS);
  const { query_id: queryId, document_id: documentId, doc_id: docId, relevance } = raw;
  if (typeof queryId !== 'string') refuse(`${field}.query_id`, 'isText', 'must be the id of a query');
  if (
    typeof relevance !== 'number' ||
    !Number.isInteger(relevance) ||
    relevance < 0 ||
    relevance > MAX_RELEVANCE
  )
    refuse(`${field}.relevance`, 'isInt', `must be a whole number from 0 to ${MAX_RELEVANCE}`);
  if (documentId !== undefined) {
    if (typeof documentId !== 'string' || !UUID.test(documentId))
      refuse(`${field}.document_id`, 'isUuid', 'must be a UUID');
    return { queryId, judgement: { document_id: documentId.toLowerCase(), relevance } };
  }
  if (!isText(docId, MAX_DOC_ID)) refuse(field, 'isNotEmpty', 'must have a document_id or a doc_id');
  return { queryId, judgement: { doc_id: docId, relevance } };
}

const DOC_ID = 'doc_id:';

/** One key for a document however it is named. */
export const keyOf = ({ document_id: id, doc_id: docId = '' }: Judgement): string => id ?? DOC_ID + docId;

/** The key under which a document that was found is judged. */
export function judgedKey(
  judged: ReadonlyMap<string, number>,
  found: { document_id: string; external_id: string },
): string {
  const named = DOC_ID + found.external_id;
  return !judged.has(found.document_id) && judged.has(named) ? named : found.document_id;
}

export const gradesOf = (judgements: readonly Judgement[]): Map<string, number> =>
  new Map(judgements.map((judgement) => [keyOf(judgement), judgement.relevance]));

/** In one order, so that the same judgements are equal in the database. */
const sorted = (judgements: Judgement[]): Judgement[] =>
  judgements.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
