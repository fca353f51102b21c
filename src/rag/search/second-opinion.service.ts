import { Injectable } from '@nestjs/common';
import { RerankingService } from '../../reranking/reranking.service.js';
import { reorder } from './reorder.js';
import type { RetrievedPassage } from '../retrieval.types.js';

/** A passage with how many of the query's phrases and identifiers it holds word for word. */
export interface OpenPassage extends RetrievedPassage {
  exact: number;
}

/** Has the best passages read again by a reranker, where there is one. */
@Injectable()
export class SecondOpinion {
  constructor(private readonly reranking: RerankingService) {}

  /** How many passages it wants to see; 0 for none. */
  get candidates(): number {
    return this.reranking.candidates;
  }

  /** The passages in their new order, or as they were with the code that says why. */
  async of(
    query: string,
    passages: readonly OpenPassage[],
    signal: AbortSignal | undefined,
  ): Promise<{ passages: OpenPassage[]; degraded: string[] }> {
    const candidates = passages.slice(0, this.candidates);
    if (candidates.length < 2) return { passages: [...passages], degraded: [] };
    const outcome = await this.reranking.rerank(query, candidates.map(textOf), signal);
    if ('skipped' in outcome) return { passages: [...passages], degraded: [outcome.skipped] };
    return { passages: reorder(passages, outcome.scores), degraded: [] };
  }
}

/** A passage alone often does not say what it is about. */
const textOf = ({ title, heading_path: headings, text }: RetrievedPassage): string =>
  [...new Set([title, ...headings])].filter(Boolean).concat(text).join('\n');
