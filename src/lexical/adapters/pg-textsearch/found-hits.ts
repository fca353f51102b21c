import type { DataSource } from 'typeorm';
import { UUID } from '../../../common/search/uuid-bytes.js';
import type { QueryAnalysis } from '../../analyser/query.js';
import { NAMES } from '../../engine/bm25.js';
import type { LexicalQuery } from '../../lexical.types.js';
import type { NeighbourPattern } from './refinement.js';
import { LEVELS, NAMED, VISIBLE } from './tables.js';

/** Documents found by the name of their file whose passages are looked at, and how many of these. */
const NAMED_DOCUMENTS = 50;
const NAMED_PASSAGES = 5_000;

/** A query in words of the index. */
export interface WordQuery {
  analysis: QueryAnalysis;
  words: string;
  /** What names of files are looked through for; empty where no document has one. */
  names: string;
}

export interface FoundHit {
  id: string;
  document_id: string;
  version_id: string;
  distance: number;
  /** By the text alone, 0 where it holds nothing that was asked. */
  text_score: number;
  /** How many phrases it holds word for word. */
  exact: number;
}

interface Found {
  hits: FoundHit[];
  read: number;
  furthest: number | null;
}

interface Wanted {
  wanted: number;
  patterns: readonly NeighbourPattern[][][];
}

/**
 * The best in scope. It is applied to what the index gives, in order; where that runs out of rows in scope before
 * enough are found, or ends among equal scores, more is read.
 */
export async function byWords(
  source: DataSource,
  asked: WordQuery,
  query: LexicalQuery,
  { wanted, patterns }: Wanted,
): Promise<FoundHit[]> {
  for (let depth = Math.max(100, wanted * 2); ; depth *= 8) {
    const found = await search(source, asked, query, { wanted, depth, patterns });
    const exhausted = found.read < depth;
    const last = found.hits[wanted - 1];
    if (exhausted || (last !== undefined && last.distance < found.furthest!)) return found.hits;
  }
}

/** Distance by the text and, of the row `n`, by the file's name. `names`: the parameter that holds what it is asked. */
export const combined = (byText: string, parameter: string, names: string): string =>
  names === ''
    ? `(${byText})`
    : `((${byText}) + ${NAMES.weight} * coalesce(n.words <@> to_bm25query(${parameter}, '${NAMED.index}'), 0))`;

async function search(
  source: DataSource,
  { words, names }: WordQuery,
  query: LexicalQuery,
  { wanted, depth, patterns }: Wanted & { depth: number },
): Promise<Found> {
  const { table, id, index } = LEVELS[query.level];
  const scope = `d.collection_id = any($3::uuid[]) and ($4::uuid[] is null or d.id = any($4))
                 and ($6::jsonpath is null or d.metadata @@ $6::jsonpath)`;
  const byName = `to_bm25query($8, '${NAMED.index}')`;
  const named =
    names === ''
      ? ''
      : `, called as materialized (
           select version_id, document_id, words <@> ${byName} as distance
           from ${NAMED.table} order by words <@> ${byName} limit $2),
         named as materialized (
           select t.version_id, t.distance from called t ${VISIBLE} where t.distance < 0 and ${scope}
           order by t.distance, t.version_id limit ${query.level === 'chunk' ? NAMED_DOCUMENTS : '$5'})`;
  const alsoNamed =
    names === ''
      ? ''
      : `union all (
           select t.${id}, t.document_id, t.version_id, least(t.words <@> to_bm25query($1, '${index}'), 0)
           from named join ${table} t on t.version_id = named.version_id
           where not exists (select from ranked where ranked.id = t.${id})
           order by named.distance limit ${NAMED_PASSAGES})`;
  const [row]: [Found] = await source.query(
    `with ranked as materialized (
       select ${id} as id, document_id, version_id, words <@> to_bm25query($1, '${index}') as distance
       from ${table} order by words <@> to_bm25query($1, '${index}') limit $2)${named},
     found as (
       select t.id, t.document_id, t.version_id, ${combined('t.distance', '$8', names)} as distance,
       -least(t.distance, 0) as text_score
       from (select * from ranked ${alsoNamed}) t ${VISIBLE}
         left join ${NAMED.table} n on n.version_id = t.version_id
       where ${scope} and $8::text is not null)
     select (select count(*)::int from ranked) as read, (select max(distance) from ranked) as furthest,
       (select coalesce(json_agg(hit), '[]') from (
          select t.id, t.document_id, t.version_id, t.distance, t.text_score,
            case when $7::jsonb = '[]' then 0 else (
              select count(*)::int from jsonb_array_elements($7::jsonb) phrase,
                ${table} w left join ${NAMED.table} n on n.version_id = w.version_id
              where w.${id} = t.id and w.version_id = t.version_id and exists (
                select from jsonb_array_elements(phrase) alternative where not exists (
                  select from jsonb_array_elements(alternative) pair
                  where strpos(' ' || w.words || ' . ' || coalesce(n.written, '') || ' ', pair->>0) = 0
                    and strpos(' ' || w.words || ' . ' || coalesce(n.written, '') || ' ', pair->>1) = 0)))
            end as exact
          from found t where t.distance < 0
          order by t.distance, t.id limit $5) hit) as hits`,
    [
      words,
      depth,
      uuids(query.collectionIds),
      query.documentIds ? uuids(query.documentIds) : null,
      wanted,
      query.filter?.jsonPath ?? null,
      JSON.stringify(patterns),
      names,
    ],
  );
  return row;
}

/** What is no UUID names nothing. */
export const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));
