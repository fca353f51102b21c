import type { ExtractedText } from '../extract/extract.types.js';
import type { ChunkSpan } from './chunk.types.js';

/** One text to be cut; its structure is read first where it comes without. */
export type TextTask = { title: string | null } & ({ text: string } | { extracted: ExtractedText });

/** What a thread is told at its start. */
export interface TextWorkerData {
  /** Its work takes the processors that nothing else wants. */
  background: boolean;
}

export interface TextRequest {
  id: number;
  tasks: TextTask[];
  maxTokens: number;
  /** Folder with the encoder's tokenizer; undefined while it is not installed. */
  modelDir: string | undefined;
}

export interface TextResult {
  /** The normalised text, or undefined where it is what was sent. */
  text: string | undefined;
  title: string | null;
  /** ISO 639-1; undefined where neither the text nor its file tells. */
  language: string | undefined;
  spans: ChunkSpan[];
}

export type TextReply = { id: number; results: TextResult[] } | { id: number; error: string };
