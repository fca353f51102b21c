import type { DataSource } from 'typeorm';
import { NIL_UUID } from '../../../common/nil-uuid.js';
import { ThreadLost } from '../../../common/threads/thread.js';
import { AnalysisThread } from '../../analysis/analysis-thread.js';
import type { PhraseClaim } from '../../engine/packed-hits.js';
import type { LexicalHit } from '../../lexical.types.js';

/** Passages that are read for one query: the phrases of whatever ranks behind them are taken at their word. */
const MOST_READ = 300;

interface TextRow {
  id: string;
  text: string;
  language: string | null;
}

/**
 * The index holds pairs of words as numbers that other pairs have too. Before a hit is said to hold a phrase, the
 * passages that speak for it are read and looked at word by word.
 */
export class PhraseCheck {
  // Of its own: a query must not wait behind the documents that are being taken in.
  private readonly analysis = new AnalysisThread();

  constructor(private readonly dataSource: DataSource) {}

  /** The same hits, those that hold fewer phrases than it seemed further behind. */
  async checked(hits: readonly LexicalHit[], claims: readonly PhraseClaim[]): Promise<LexicalHit[]> {
    const read = await this.read(claims).catch((error: unknown) => {
      // It is being closed, or died of a text: then the numbers have to do.
      if (error instanceof ThreadLost) return new Map<string, Set<string>>();
      throw error;
    });
    const lost = new Map<number, number>();
    for (const { hit, pairs } of claims) {
      const holds = pairs.every(({ pair: [a, b], chunkIds }) =>
        chunkIds.some((id) => read.get(id)?.has(keyOf(a, b)) ?? true),
      );
      if (!holds) lost.set(hit, (lost.get(hit) ?? 0) + 1);
    }
    if (lost.size === 0) return [...hits];
    const known = hits.map((hit, i) => {
      const { documentId, versionId, chunkIds, score } = hit;
      const exact = (hit.exact ?? 0) - (lost.get(i) ?? 0) || undefined;
      return lost.has(i) ? { documentId, versionId, chunkIds, score, exact } : hit;
    });
    return known.sort((a, b) => (b.exact ?? 0) - (a.exact ?? 0) || b.score - a.score);
  }

  close(): Promise<void> {
    return this.analysis.close();
  }

  /** Neighbours in the passages that claims name; what is gone by now is not among them. */
  private async read(claims: readonly PhraseClaim[]): Promise<Map<string, Set<string>>> {
    const ids = [...new Set(claims.flatMap(({ pairs }) => pairs.flatMap(({ chunkIds }) => chunkIds)))];
    const rows: TextRow[] = await this.dataSource.query(
      `select c.id, c.text, v.language from chunks c join document_versions v on v.id = c.version_id
       where c.id = any($1::uuid[])`,
      [ids.slice(0, MOST_READ)],
    );
    const analysed = await this.analysis.terms(
      rows.map(({ id, text, language }) => ({
        documentId: NIL_UUID,
        versionId: NIL_UUID,
        collectionId: NIL_UUID,
        title: null,
        fileName: null,
        language: language ?? undefined,
        chunks: [{ chunkId: id, text, headingPath: [] }],
      })),
    );
    return new Map(rows.map(({ id }, i) => [id, neighbours(analysed[i]?.chunks[0]?.body ?? [])]));
  }
}

const neighbours = (terms: readonly string[]): Set<string> =>
  new Set(terms.slice(1).map((term, i) => keyOf(terms[i]!, term)));

/** In either order, as in the index. */
const keyOf = (a: string, b: string): string => (a < b ? `${a}\0${b}` : `${b}\0${a}`);
