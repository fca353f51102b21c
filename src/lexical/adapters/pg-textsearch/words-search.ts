import type { DataSource } from 'typeorm';
import { nameQueryTerms } from '../../analyser/names.js';
import { analyseQuery, type QueryAnalysis } from '../../analyser/query.js';
import type { LexicalHit, LexicalQuery, LexicalScoreOptions } from '../../lexical.types.js';
import { byWords, combined, uuids, type FoundHit, type WordQuery } from './found-hits.js';
import {
  exactPatterns,
  FILLER,
  READ_BACK,
  Refinement,
  statisticsOf,
  type NeighbourPattern,
  type Probe,
  type ReadBack,
  type Statistics,
} from './refinement.js';
import { LEVELS, NAMED, NO_NAME, VISIBLE, type Level } from './tables.js';
import { encodeTerm } from './term-encoding.js';

const MOST_PASSAGES = 1;
/** Ranked by words first; of these, neighbouring words then decide, as in the engine. */
const MOST_REFINED = 200;
/** The same where a phrase has to be found among whatever holds its words. */
const MOST_WITH_PHRASE = 2_000;

/** Ranks by what the extension says and then, of the best, by neighbouring words and phrases. */
export class WordsSearch {
  constructor(private readonly dataSource: DataSource) {}

  async query(text: string, query: LexicalQuery): Promise<LexicalHit[]> {
    const topK = Math.floor(query.topK);
    const asked = await this.analyse(text, query.language);
    const { analysis, words } = asked;
    if (words === '' || topK < 1 || query.collectionIds.length === 0) return [];
    const statistics = await this.statistics(analysis, query.level);
    const patterns = analysis.exact.length > 0 ? await this.patterns(asked, statistics, query.level) : [];
    const wanted = Math.max(topK, patterns.length > 0 ? MOST_WITH_PHRASE : MOST_REFINED);
    const found = await byWords(this.dataSource, asked, query, { wanted, patterns });
    const refinement = new Refinement(analysis, statistics, query.level);
    const refined = await this.refine(found, refinement, query.level);
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
    const asked = await this.analyse(text, options.language);
    const { analysis, words } = asked;
    const scores = new Float64Array(ids.length);
    if (words === '' || ids.length === 0) return scores;
    const statistics = await this.statistics(analysis, options.level);
    const refinement = new Refinement(analysis, statistics, options.level);
    const { table, id, index } = LEVELS[options.level];
    const byText = `t.words <@> to_bm25query($1, '${index}')`;
    const distance = combined(byText, '$4', asked.names);
    const rows: (ReadBack & Pick<FoundHit, 'distance' | 'text_score'>)[] = await this.dataSource.query(
      `select t.${id} as id, ${distance} as distance, -least(${byText}, 0) as text_score,
         left(t.words, $3) as words, length(t.words) as characters, left(n.written, $3) as written
       from ${table} t ${VISIBLE} left join ${NAMED.table} n on n.version_id = t.version_id
       where t.${id} = any($2::uuid[]) and $4::text is not null`,
      [words, uuids(ids), refinement.isNeeded ? READ_BACK : 0, asked.names],
    );
    const byId = new Map(
      rows.map((row) => {
        const isCorrected = refinement.isNeeded && row.distance < 0;
        const correction = isCorrected ? refinement.correction(row, row.text_score) : 0;
        return [row.id, Math.max(0, correction - row.distance)];
      }),
    );
    ids.forEach((value, i) => (scores[i] = byId.get(value.toLowerCase()) ?? 0));
    return scores;
  }

  private async analyse(text: string, language: string | undefined): Promise<WordQuery> {
    const [row]: { languages: string[]; named: boolean }[] = await this.dataSource.query(
      `select array(select language from lexical_word_languages) as languages,
         exists (select from ${NAMED.table} where words <> '${NO_NAME}') as named`,
    );
    const { languages, named } = row!;
    const analysis = analyseQuery(text, language, languages);
    const names = named ? nameQueryTerms(text, language, languages) : [];
    return { analysis, words: queryWords(analysis), names: names.map(encodeTerm).join(' ') };
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
    { analysis, names }: WordQuery,
    statistics: Statistics,
    level: Level,
  ): Promise<NeighbourPattern[][][]> {
    const [row]: { count: number; documents: number }[] = await this.dataSource.query(
      `select (select count(*)::int from ${LEVELS[level].table}) as count,
         (select count(*)::int from ${NAMED.table}) as documents`,
    );
    const words = names === '' ? [] : [...analysis.terms.keys()].map(encodeTerm);
    const known: { word: string; idf: number }[] = await this.dataSource.query(
      `select word, -(word <@> to_bm25query(word, '${NAMED.index}')) as idf from unnest($1::text[]) as word`,
      [words],
    );
    const inNames = new Map(known.map(({ word, idf }) => [word, idf]));
    return exactPatterns(analysis, [
      { idf: statistics.idf, total: row!.count },
      { idf: inNames, total: row!.documents },
    ]);
  }

  /** Scores the best again by what they say; what holds a phrase comes first. */
  private async refine(
    found: readonly FoundHit[],
    refinement: Refinement,
    level: Level,
  ): Promise<(FoundHit & { score: number })[]> {
    const read = refinement.isNeeded ? found.filter((hit, i) => i < MOST_REFINED || hit.exact > 0) : [];
    const { table, id } = LEVELS[level];
    const rows: ReadBack[] =
      read.length === 0
        ? []
        : await this.dataSource.query(
            `select t.${id} as id, left(t.words, $3) as words, length(t.words) as characters,
               left(n.written, $3) as written
             from ${table} t left join ${NAMED.table} n on n.version_id = t.version_id
             where t.${id} = any($1::uuid[]) and t.version_id = any($2::uuid[])`,
            [read.map((hit) => hit.id), read.map((hit) => hit.version_id), READ_BACK],
          );
    const readBack = new Map(rows.map((row) => [row.id, row]));
    return found
      .map((hit) => {
        const row = readBack.get(hit.id);
        return { ...hit, score: (row ? refinement.correction(row, hit.text_score) : 0) - hit.distance };
      })
      .sort((a, b) => b.exact - a.exact || b.score - a.score || (a.id < b.id ? -1 : 1));
  }

  private async addPassages(words: string, hits: readonly LexicalHit[]): Promise<void> {
    const { table, index } = LEVELS.chunk;
    const rows: { chunk_id: string; version_id: string }[] = await this.dataSource.query(
      `select chunk_id, version_id from (
         select chunk_id, version_id, ordinal, words <@> to_bm25query($1, '${index}') as distance
         from ${table} where version_id = any($2::uuid[]) offset 0) scored
       order by least(distance, 0), ordinal`,
      [words, hits.map((hit) => hit.versionId)],
    );
    const passages = new Map(hits.map((hit) => [hit.versionId, hit.chunkIds]));
    for (const row of rows) {
      const chunkIds = passages.get(row.version_id)!;
      if (chunkIds.length < MOST_PASSAGES) chunkIds.push(row.chunk_id);
    }
  }
}

const queryWords = ({ terms }: QueryAnalysis): string =>
  [...terms].flatMap(([term, count]) => Array.from({ length: count }, () => encodeTerm(term))).join(' ');
