import type { DataSource } from 'typeorm';
import { UUID } from '../../../common/search/uuid-bytes.js';
import { analyseQuery, type QueryAnalysis } from '../../analyser/query.js';
import type { LexicalHit, LexicalQuery, LexicalScoreOptions } from '../../lexical.types.js';
import {
  exactPatterns,
  FILLER,
  pairScore,
  READ_BACK,
  statisticsOf,
  weightedPairs,
  type NeighbourPattern,
  type Probe,
  type Statistics,
} from './refinement.js';
import { LEVELS, VISIBLE, type Level } from './tables.js';
import { encodeTerm } from './term-encoding.js';

const MOST_PASSAGES = 1;
/** Ranked by words first; of these, neighbouring words then decide, as in the engine. */
const MOST_REFINED = 200;
/** The same where a phrase has to be found among whatever holds its words. */
const MOST_WITH_PHRASE = 2_000;

interface FoundHit {
  id: string;
  document_id: string;
  version_id: string;
  distance: number;
  /** How many phrases it holds word for word. */
  exact: number;
}

interface Found {
  hits: FoundHit[];
  read: number;
  furthest: number | null;
}

/** Ranks by what the extension says and then, of the best, by neighbouring words and phrases. */
export class WordsSearch {
  constructor(private readonly dataSource: DataSource) {}

  async query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    const topK = Math.floor(query.topK);
    const analysis = await this.analyse(text, query.language);
    const words = queryWords(analysis);
    if (words === '' || topK < 1 || query.collectionIds.length === 0) return [];
    const statistics = await this.statistics(analysis, query.level);
    const patterns = analysis.exact.length > 0 ? await this.patterns(analysis, statistics, query.level) : [];
    const wanted = Math.max(topK, patterns.length > 0 ? MOST_WITH_PHRASE : MOST_REFINED);
    const found = await this.inScope(words, query, wanted, patterns);
    const refined = await this.refine(found, analysis, statistics, query.level);
    const hits = refined.slice(0, topK).map(({ id, document_id, version_id, score, exact }) => ({
      documentId: document_id,
      versionId: version_id,
      chunkIds: query.level === 'chunk' ? [id] : [],
      score,
      ...(exact > 0 ? { exact } : {}),
    }));
    if (query.level === 'document') await this.addPassages(words, hits);
    return hits;
  }

  async scores(text: string, ids: readonly string[], options: LexicalScoreOptions): Promise<Float64Array> {
    const analysis = await this.analyse(text, options.language);
    const words = queryWords(analysis);
    const scores = new Float64Array(ids.length);
    if (words === '' || ids.length === 0) return scores;
    const statistics = await this.statistics(analysis, options.level);
    const weights = weightedPairs(analysis, statistics);
    const { table, id, index } = LEVELS[options.level];
    const rows: { id: string; distance: number; words: string; characters: number }[] =
      await this.dataSource.query(
        `select t.${id} as id, t.words <@> to_bm25query($1, '${index}') as distance,
           left(t.words, $3) as words, length(t.words) as characters
         from ${table} t ${VISIBLE} where t.${id} = any($2::uuid[])`,
        [words, uuids(ids), weights.size > 0 ? READ_BACK : 0],
      );
    const byId = new Map(
      rows.map((row) => [
        row.id,
        row.distance < 0
          ? pairScore(row.words, row.characters, weights, statistics.slope, options.level) - row.distance
          : 0,
      ]),
    );
    ids.forEach((value, i) => (scores[i] = byId.get(value.toLowerCase()) ?? 0));
    return scores;
  }

  private async analyse(text: string, language: string | undefined): Promise<QueryAnalysis> {
    if (language !== undefined) return analyseQuery(text, language);
    const rows: { language: string }[] = await this.dataSource.query(
      'select language from lexical_word_languages',
    );
    return analyseQuery(
      text,
      undefined,
      rows.map((row) => row.language),
    );
  }

  private async statistics(analysis: QueryAnalysis, level: Level): Promise<Statistics> {
    if (analysis.pairs.length === 0 && analysis.exact.length === 0) return { idf: new Map(), slope: 0 };
    const { index } = LEVELS[level];
    const probes: Probe[] = await this.dataSource.query(
      `select word, -(word <@> to_bm25query(word, '${index}')) as alone,
         -((word || repeat(' zzz', $2)) <@> to_bm25query(word, '${index}')) as among
       from unnest($1::text[]) as word`,
      [[...analysis.terms.keys()].map(encodeTerm), FILLER],
    );
    return statisticsOf(probes, level);
  }

  private async patterns(
    analysis: QueryAnalysis,
    statistics: Statistics,
    level: Level,
  ): Promise<NeighbourPattern[][][]> {
    const [row]: { count: number }[] = await this.dataSource.query(
      `select count(*)::int as count from ${LEVELS[level].table}`,
    );
    return exactPatterns(analysis, statistics, row!.count);
  }

  /**
   * The best in scope. It is applied to what the index gives, in order; where that runs out of rows in scope before
   * enough are found, or ends among equal scores, more is read.
   */
  private async inScope(
    words: string,
    query: LexicalQuery,
    wanted: number,
    patterns: readonly NeighbourPattern[][][],
  ): Promise<FoundHit[]> {
    for (let depth = Math.max(100, wanted * 2); ; depth *= 8) {
      const found = await this.search(words, query, { wanted, depth, patterns });
      const exhausted = found.read < depth;
      const last = found.hits[wanted - 1];
      if (exhausted || (last !== undefined && last.distance < found.furthest!)) return found.hits;
    }
  }

  private async search(
    words: string,
    query: LexicalQuery,
    { wanted, depth, patterns }: { wanted: number; depth: number; patterns: readonly NeighbourPattern[][][] },
  ): Promise<Found> {
    const { table, id, index } = LEVELS[query.level];
    const [row]: [Found] = await this.dataSource.query(
      `with ranked as materialized (
         select ${id} as id, document_id, version_id, words <@> to_bm25query($1, '${index}') as distance
         from ${table} order by words <@> to_bm25query($1, '${index}') limit $2)
       select (select count(*)::int from ranked) as read, (select max(distance) from ranked) as furthest,
         (select coalesce(json_agg(hit), '[]') from (
            select t.id, t.document_id, t.version_id, t.distance,
              case when $7::jsonb = '[]' then 0 else (
                select count(*)::int from jsonb_array_elements($7::jsonb) phrase, ${table} w
                where w.${id} = t.id and w.version_id = t.version_id and exists (
                  select from jsonb_array_elements(phrase) alternative where not exists (
                    select from jsonb_array_elements(alternative) pair
                    where strpos(' ' || w.words || ' ', pair->>0) = 0
                      and strpos(' ' || w.words || ' ', pair->>1) = 0)))
              end as exact
            from ranked t ${VISIBLE}
            where t.distance < 0 and d.collection_id = any($3::uuid[]) and ($4::uuid[] is null or d.id = any($4))
              and ($6::jsonpath is null or d.metadata @@ $6::jsonpath)
            order by t.distance, t.id limit $5) hit) as hits`,
      [
        words,
        depth,
        uuids(query.collectionIds),
        query.documentIds ? uuids(query.documentIds) : null,
        wanted,
        query.filter?.jsonPath ?? null,
        JSON.stringify(patterns),
      ],
    );
    return row;
  }

  /** Adds what neighbouring words are worth to the best; what holds a phrase comes first. */
  private async refine(
    found: readonly FoundHit[],
    analysis: QueryAnalysis,
    statistics: Statistics,
    level: Level,
  ): Promise<(FoundHit & { score: number })[]> {
    const weights = weightedPairs(analysis, statistics);
    const read = weights.size === 0 ? [] : found.filter((hit, i) => i < MOST_REFINED || hit.exact > 0);
    const { table, id } = LEVELS[level];
    const rows: { id: string; words: string; characters: number }[] =
      read.length === 0
        ? []
        : await this.dataSource.query(
            `select ${id} as id, left(words, $3) as words, length(words) as characters from ${table}
             where ${id} = any($1::uuid[]) and version_id = any($2::uuid[])`,
            [read.map((hit) => hit.id), read.map((hit) => hit.version_id), READ_BACK],
          );
    const added = new Map(
      rows.map((row) => [row.id, pairScore(row.words, row.characters, weights, statistics.slope, level)]),
    );
    return found
      .map((hit) => ({ ...hit, score: (added.get(hit.id) ?? 0) - hit.distance }))
      .sort((a, b) => b.exact - a.exact || b.score - a.score || (a.id < b.id ? -1 : 1));
  }

  private async addPassages(words: string, hits: readonly LexicalHit[]): Promise<void> {
    const { table, index } = LEVELS.chunk;
    const rows: { chunk_id: string; version_id: string }[] = await this.dataSource.query(
      `select chunk_id, version_id from (
         select chunk_id, version_id, ordinal, words <@> to_bm25query($1, '${index}') as distance
         from ${table} where version_id = any($2::uuid[]) offset 0) scored
       where distance < 0 order by distance, ordinal`,
      [words, hits.map((hit) => hit.versionId)],
    );
    const passages = new Map(hits.map((hit) => [hit.versionId, hit.chunkIds]));
    for (const row of rows) {
      const chunkIds = passages.get(row.version_id)!;
      if (chunkIds.length < MOST_PASSAGES) chunkIds.push(row.chunk_id);
    }
  }
}

/** What is no UUID names nothing. */
const uuids = (ids: readonly string[]): string[] => ids.filter((id) => UUID.test(id));

const queryWords = ({ terms }: QueryAnalysis): string =>
  [...terms].flatMap(([term, count]) => Array.from({ length: count }, () => encodeTerm(term))).join(' ');
