import { Injectable } from '@nestjs/common';
import { judge } from '../common/search/ranking-quality.js';
import { EncoderRanking } from '../rag/search/encoder-ranking.service.js';
import type { Comparison, JudgedQuery, Sample } from './encoders.types.js';

const RANKS = 10;

/** What two encoders make of the same queries, each in its own index. */
@Injectable()
export class EncoderComparison {
  constructor(private readonly ranking: EncoderRanking) {}

  async compare(
    sample: Sample,
    models: { before: string; after: string },
    signal: AbortSignal,
  ): Promise<Comparison> {
    const quality = async ({ query, relevant }: JudgedQuery, modelId: string): Promise<number> => {
      const request = { query, collectionIds: sample.collectionIds, limit: RANKS, signal };
      const ranked = await this.ranking.rank(request, modelId);
      return judge(ranked, new Map(Object.entries(relevant)))?.ndcg10 ?? 0;
    };
    const sums = { before: 0, after: 0, better: 0, worse: 0 };
    for (const judged of sample.queries) {
      signal.throwIfAborted();
      const before = await quality(judged, models.before);
      const after = await quality(judged, models.after);
      sums.before += before;
      sums.after += after;
      if (after > before) sums.better++;
      if (after < before) sums.worse++;
    }
    const mean = (sum: number): number => Math.round((sum / sample.queries.length) * 10_000) / 10_000;
    return {
      queries: sample.queries.length,
      before: { model: models.before, ndcg10: mean(sums.before) },
      after: { model: models.after, ndcg10: mean(sums.after) },
      better: sums.better,
      worse: sums.worse,
    };
  }
}
