import type { EncoderOffer } from '../embeddings/embeddings.types.js';

export const ACTIVATIONS = ['always', 'if_not_worse', 'manual'] as const;
/** When the index that was built is to answer. */
export type Activation = (typeof ACTIVATIONS)[number];

export const SWITCH_PHASES = [
  'building',
  'comparing',
  'ready',
  'preparing',
  'switching',
  'done',
  'cancelled',
  'failed',
] as const;
/** `ready` waits for an administrator; the last three are ends. */
export type SwitchPhase = (typeof SWITCH_PHASES)[number];

export interface JudgedQuery {
  query: string;
  /** Grades by document id. */
  relevant: Readonly<Record<string, number>>;
}

/** Queries on which both encoders are compared, in collections that whoever asked may read. */
export interface Sample {
  collectionIds: string[];
  queries: JudgedQuery[];
}

export interface EncoderQuality {
  model: string;
  /** Mean over the queries, 0 to 1, of a hybrid search. */
  ndcg10: number;
}

export interface Comparison {
  queries: number;
  before: EncoderQuality;
  after: EncoderQuality;
  /** Queries that the new encoder answers better, and worse. */
  better: number;
  worse: number;
}

export interface SwitchRow {
  id: string;
  kind: 'switch' | 'rollback';
  phase: SwitchPhase;
  model_id: string;
  from_model_id: string | null;
  index_id: string;
  from_index_id: string | null;
  activate: Activation;
  remove_old: boolean;
  sample: Sample | null;
  comparison: Comparison | null;
  done: number;
  total: number;
  detail: string | null;
  requested_by: string | null;
  created_at: Date;
  finished_at: Date | null;
}

export interface NewSwitch {
  kind: SwitchRow['kind'];
  modelId: string;
  indexId: string;
  activate: Activation;
  removeOld: boolean;
  sample: Sample | null;
  requestedBy: string;
}

/** What an administrator asks for. */
export interface SwitchRequest {
  encoder: string;
  activate: Activation;
  removeOld: boolean;
  sample?: SampleRequest | undefined;
}

export interface SampleRequest {
  collectionIds?: readonly string[] | undefined;
  queries: readonly { query: string; relevant: readonly { docId: string; grade: number }[] }[];
}

export interface EncoderStatus {
  /** `EMBEDDING_MODEL`: the first choice of a new installation. */
  configured: string;
  available: EncoderOffer[];
  /** The open change, else the last one. */
  change: SwitchRow | undefined;
  /** What `rollback` would go back to. */
  previous: string | undefined;
}
