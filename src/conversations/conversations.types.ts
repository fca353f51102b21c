export interface ConversationRow {
  id: string;
  title: string | null;
  turns: number;
  created_at: Date;
  updated_at: Date;
}

/** What an answer cites, as it was shown. */
export interface StoredCitation {
  n: number;
  document_id: string;
  doc_id: string;
  chunk_id: string;
  title: string | null;
  page: number | null;
  char_start: number;
  char_end: number;
  quote: string;
  verified: boolean;
}

export interface StoredUsage {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
}

/** A question with its answer. */
export interface AnswerRow {
  id: string;
  conversation_id: string | null;
  question: string;
  /** As it was asked of the documents, where that is another question. */
  standalone: string | null;
  answer: string;
  supported: boolean;
  model: string;
  degraded: string[];
  usage: StoredUsage | null;
  citations: StoredCitation[];
  /** Passages that were shown, best first; they may be gone by now. */
  chunk_ids: string[];
  created_at: Date;
  feedback: Feedback | null;
}

export interface NewAnswer extends Omit<AnswerRow, 'created_at' | 'feedback'> {
  userId: string;
  /** Title of the conversation that it begins; undefined where that was there before the question. */
  begins?: string | undefined;
}

/** A conversation that a question is asked in. */
export interface OpenedConversation {
  /** The last turns before the question, oldest first. */
  turns: Turn[];
  /** Title of a conversation that is not there yet, and begins with the answer that is stored in it. */
  begins?: string;
}

/** What came before a question in its conversation. */
export interface Turn {
  question: string;
  /** As it was asked of the documents. */
  standalone: string;
  answer: string;
  supported: boolean;
}

export interface Feedback {
  helpful: boolean;
  chunk_id: string | null;
  comment: string | null;
  updated_at: Date;
}

export interface NewFeedback {
  helpful: boolean;
  /** The passage that holds the answer. */
  passage: { chunkId: string; documentId: string; docId: string } | null;
  comment: string | null;
}

/** A question that somebody judged the answer of, without who it was. */
export interface JudgedQuestion {
  answer_id: string;
  question: string;
  helpful: boolean;
  chunk_id: string | null;
  document_id: string | null;
  external_id: string | null;
  citations: StoredCitation[];
  updated_at: Date;
}

/** Questions with judgements, as retrieval is evaluated with. */
export interface QuerySet {
  queries: { id: string; text: string }[];
  judgements: {
    query_id: string;
    document_id: string;
    doc_id: string;
    chunk_id: string;
    /** 1 answers the question, 0 does not. */
    relevance: 0 | 1;
  }[];
}
