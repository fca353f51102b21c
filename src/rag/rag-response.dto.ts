import { ApiProperty } from '@nestjs/swagger';
import type { Metadata } from '../documents/documents.types.js';
import type { LlmUsage } from '../llm/llm.types.js';
import type { Citation } from './answer.types.js';
import type { WholeAnswer } from './rag.service.js';
import {
  RETRIEVAL_MODES,
  type Retrieval,
  type RetrievalMode,
  type RetrievedPassage,
} from './retrieval.types.js';

export class ResultDto {
  @ApiProperty({ description: 'The doc_id of the document.', example: 'bridge/1' })
  id!: string;

  @ApiProperty({ example: 'Othmar Kessler designed the bridge.' })
  text!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  metadata!: Metadata;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Cosine distance, 0 to 2; null without a vector.',
  })
  distance!: number | null;

  @ApiProperty({ description: 'Higher is better; comparable within one answer only.' })
  score!: number;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ format: 'uuid' })
  chunk_id!: string;

  @ApiProperty({ format: 'uuid' })
  collection_id!: string;

  @ApiProperty({ type: String, nullable: true })
  title!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Page, slide or sheet that the passage begins on, from 1.',
  })
  page!: number | null;

  @ApiProperty({ description: 'UTF-16 offset into GET /documents/{id}/text.' })
  char_start!: number;

  @ApiProperty({ description: 'Exclusive.' })
  char_end!: number;

  static of(passage: RetrievedPassage): ResultDto {
    return {
      id: passage.external_id,
      text: passage.text,
      metadata: passage.metadata,
      distance: passage.distance,
      score: passage.score,
      document_id: passage.document_id,
      chunk_id: passage.chunk_id,
      collection_id: passage.collection_id,
      title: passage.title,
      page: passage.page,
      char_start: passage.char_start,
      char_end: passage.char_end,
    };
  }
}

export class RetrievalDto {
  @ApiProperty({ enum: RETRIEVAL_MODES, enumName: 'RetrievalMode', description: 'What was really used.' })
  mode!: RetrievalMode;

  @ApiProperty({
    type: [String],
    description: 'Codes of what was left out; empty when all took part.',
    example: [],
  })
  degraded!: string[];

  @ApiProperty()
  took_ms!: number;
}

export class RagQueryResponseDto {
  @ApiProperty({ type: [ResultDto] })
  results!: ResultDto[];

  @ApiProperty({ type: RetrievalDto })
  retrieval!: RetrievalDto;

  static of(retrieval: Retrieval): RagQueryResponseDto {
    return {
      results: retrieval.passages.map((passage) => ResultDto.of(passage)),
      retrieval: { mode: retrieval.mode, degraded: retrieval.degraded, took_ms: retrieval.tookMs },
    };
  }
}

export class CitationDto {
  @ApiProperty({ description: 'The answer refers to it as `[n]`.', example: 1 })
  n!: number;

  @ApiProperty({ format: 'uuid' })
  document_id!: string;

  @ApiProperty({ example: 'bridge/1' })
  doc_id!: string;

  @ApiProperty({ format: 'uuid' })
  chunk_id!: string;

  @ApiProperty({ type: String, nullable: true })
  title!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Page, slide or sheet that the quote begins on, from 1; of files read by an older version, the one that its passage begins on.',
  })
  page!: number | null;

  @ApiProperty({ description: 'UTF-16 offset into GET /documents/{id}/text.' })
  char_start!: number;

  @ApiProperty({ description: 'Exclusive.' })
  char_end!: number;

  @ApiProperty({ example: 'Othmar Kessler designed the bridge.' })
  quote!: string;

  @ApiProperty({ description: 'Whether the quote was found at this place of the stored text.' })
  verified!: boolean;

  static of(citation: Citation): CitationDto {
    return {
      n: citation.n,
      document_id: citation.documentId,
      doc_id: citation.docId,
      chunk_id: citation.chunkId,
      title: citation.title,
      page: citation.page,
      char_start: citation.charStart,
      char_end: citation.charEnd,
      quote: citation.quote,
      verified: citation.verified,
    };
  }
}

export class UsageDto implements LlmUsage {
  @ApiProperty({ type: Number, nullable: true })
  prompt_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  completion_tokens!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  total_tokens!: number | null;
}

export class LangchainAnswerDto {
  @ApiProperty({ example: 'Othmar Kessler designed the bridge. [1]' })
  answer!: string;

  @ApiProperty({ type: [ResultDto] })
  sources!: ResultDto[];

  @ApiProperty({ description: 'Whether the documents answer the question.' })
  supported!: boolean;

  @ApiProperty({ type: [CitationDto] })
  citations!: CitationDto[];

  @ApiProperty({
    type: [String],
    description:
      'What was left out on the way to the answer, as codes, `llm_answer_cut` where it ends at the limit of tokens; empty when all took part.',
    example: [],
  })
  degraded!: string[];

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'For `GET /rag/answers/{id}` and its feedback; null where answers are not kept.',
  })
  id!: string | null;

  static of({ id, answer, retrieval }: WholeAnswer): LangchainAnswerDto {
    return {
      answer: answer.text,
      supported: answer.supported,
      sources: retrieval.passages.map((passage) => ResultDto.of(passage)),
      citations: answer.citations.map((citation) => CitationDto.of(citation)),
      degraded: [...retrieval.degraded, ...answer.degraded],
      id,
    };
  }
}

export class AnswerDto extends LangchainAnswerDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  conversation_id!: string | null;

  @ApiProperty({
    description: 'The question as it was asked of the documents: a follow-up question is rewritten.',
    example: 'When was the bridge opened?',
  })
  standalone_question!: string;

  @ApiProperty({ example: 'extractive' })
  model!: string;

  @ApiProperty({ type: UsageDto, nullable: true })
  usage!: UsageDto | null;

  @ApiProperty({ type: RetrievalDto })
  retrieval!: RetrievalDto;

  static override of(whole: WholeAnswer): AnswerDto {
    const { answer, retrieval, conversationId, question } = whole;
    return Object.assign(LangchainAnswerDto.of(whole), {
      conversation_id: conversationId,
      standalone_question: question,
      model: answer.model,
      usage: answer.usage,
      retrieval: { mode: retrieval.mode, degraded: retrieval.degraded, took_ms: retrieval.tookMs },
    });
  }
}

export class SecureInfoDto {
  @ApiProperty({ enum: ['Access granted!'] })
  message!: string;

  @ApiProperty({ description: 'Your username, else your e-mail address.' })
  user!: string;
}
