import type { RetrievalMode } from '../rag/retrieval.types.js';
import type { Quality } from '../common/search/ranking-quality.js';

export const EVALUATION_STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export type EvaluationState = (typeof EVALUATION_STATES)[number];
export const EVALUATION_SOURCES = ['inline', 'feedback'] as const;
export type EvaluationSource = (typeof EVALUATION_SOURCES)[number];

/** How well a document answers a question; the document by its id or by its `doc_id` in whatever collection. */
export interface Judgement {
  document_id?: string;
  doc_id?: string;
  /** 0 is not relevant. */
  relevance: number;
}

export interface JudgedQuery {
  id: string;
  text: string;
  /** False for a question that the documents do not answer: right is to say so. */
  answerable: boolean;
  judgements: readonly Judgement[];
}

export interface NewEvaluation {
  id: string;
  userId: string;
  name: string | null;
  source: EvaluationSource;
  mode: RetrievalMode;
  /** Null is all that the user may read. */
  collectionIds: readonly string[] | null;
  adminAccess: boolean;
  answers: boolean;
  queries: readonly JudgedQuery[];
}

/** Of the answers to the questions of an evaluation; shares are of these counts. */
export interface AnswerMetrics {
  /** Questions that the documents answer, and those of them that got an answer with a citation. */
  answerable: number;
  answered: number;
  /** Questions that they do not answer, and those of them where the answer says so. */
  unanswerable: number;
  abstained: number;
  /** Citations of all answers, and those whose quote stands in the document. */
  citations: number;
  verified: number;
}

export interface EvaluationMetrics extends Quality {
  /** Of single queries, in milliseconds; null of none. */
  p50_ms: number | null;
  p99_ms: number | null;
  /** Codes of what was left out of at least one query. */
  degraded: string[];
  answers: AnswerMetrics | null;
}

/** What the figures were measured with. */
export interface MeasuredWith {
  version: string;
  encoder: string | null;
  fusion: string;
  reranker: string | null;
  llm: string | null;
}

export interface EvaluationRow {
  id: string;
  user_id: string;
  name: string | null;
  source: EvaluationSource;
  mode: RetrievalMode;
  collection_ids: string[] | null;
  admin_access: boolean;
  answers: boolean;
  status: EvaluationState;
  total: number;
  done: number;
  unknown_judgements: number | null;
  configuration: MeasuredWith | null;
  metrics: EvaluationMetrics | null;
  error_code: string | null;
  error_detail: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

/** What the answerer said to one question. */
export interface QueryAnswer {
  supported: boolean;
  citations: number;
  verified: number;
}

/** Figures of a query without a relevant document are null. */
export interface QueryFigures {
  ndcg10: number | null;
  recall10: number | null;
  recall100: number | null;
  mrr10: number | null;
}

export interface QueryOutcome extends QueryFigures {
  /** Ids of documents, best first. */
  ranking: string[];
  took_ms: number;
  degraded: string[];
  answer: QueryAnswer | null;
}

export interface QueryRow {
  ordinal: number;
  query_id: string;
  text: string;
  answerable: boolean;
  judgements: Judgement[];
}

/** A query with its outcome; the outcome is null until it was asked. */
export interface QueryResultRow extends QueryRow, QueryFigures {
  done_at: Date | null;
  ranking: string[] | null;
  took_ms: number | null;
  degraded: string[] | null;
  answer: QueryAnswer | null;
}

export const COMPARED = ['ndcg10', 'recall10', 'recall100', 'mrr10'] as const;
export type ComparedFigure = (typeof COMPARED)[number];

/** The figures of one query in two evaluations. */
export interface QueryPair {
  query_id: string;
  text: string;
  baseline: Record<ComparedFigure, number>;
  evaluation: Record<ComparedFigure, number>;
}
