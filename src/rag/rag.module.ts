import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { Settings } from '../config/settings.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { LexicalModule } from '../lexical/lexical.module.js';
import { LexicalService } from '../lexical/lexical.service.js';
import { LlmModule } from '../llm/llm.module.js';
import { LlmService } from '../llm/llm.service.js';
import { VectorModule } from '../vector/vector.module.js';
import { FallbackAnswerer } from './adapters/fallback-answerer.js';
import { ExtractiveAnswerer } from './adapters/extractive/extractive-answerer.js';
import { GenerativeAnswerer, type GenerativeOptions } from './adapters/generative/generative-answerer.js';
import type { Analyse } from './analyse.types.js';
import { AnswerPassages } from './answering/answer-passages.service.js';
import { AnswerLog } from './answering/answer-log.service.js';
import type { Answerer } from './answerer.port.js';
import { Answerers } from './answering/answerers.js';
import { VectorService } from '../vector/vector.service.js';
import { EncoderRanking } from './search/encoder-ranking.service.js';
import { FollowUps } from './follow-up/follow-ups.service.js';
import { DEFAULT_TUNING, HybridSearch } from './search/hybrid-search.js';
import { renderLangchainPrompt } from './answering/prompt.js';
import { RagController } from './rag.controller.js';
import { RagSetup } from './rag-setup.service.js';
import { RagService } from './rag.service.js';
import { RerankingModule } from '../reranking/reranking.module.js';
import { SecondOpinion } from './search/second-opinion.service.js';
import { RetrievalService } from './search/retrieval.service.js';
import { SentenceSimilarity } from './answering/sentence-similarity.service.js';

function createAnswerers(
  settings: Settings,
  llm: LlmService,
  lexical: LexicalService,
  sentences: SentenceSimilarity,
): Answerers {
  const analyse: Analyse = (text, language) => lexical.analyse(text, language);
  const extractive = new ExtractiveAnswerer({
    analyse,
    nameTerms: (fileName, language) => lexical.nameTerms(fileName, language),
    reads: (question) => sentences.reads(question),
    similarity: (question, texts, signal) => sentences.compare(question, texts, signal),
    scale: () => sentences.scale,
  });
  if (!llm.configured()) return new Answerers(extractive, extractive);
  const generative = (options: Pick<GenerativeOptions, 'render'>): Answerer => {
    const contextTokens = settings.llmContextTokens;
    const answerer = new GenerativeAnswerer(llm, { analyse, contextTokens, ...options });
    return settings.llmFallback === 'none' ? answerer : new FallbackAnswerer(answerer, extractive);
  };
  return new Answerers(generative({}), generative({ render: renderLangchainPrompt }));
}

@Module({
  imports: [
    AuditModule,
    CollectionsModule,
    ConversationsModule,
    DocumentsModule,
    EmbeddingsModule,
    LexicalModule,
    LlmModule,
    RerankingModule,
    VectorModule,
  ],
  controllers: [RagController],
  providers: [
    EncoderRanking,
    RagService,
    RetrievalService,
    SentenceSimilarity,
    FollowUps,
    AnswerLog,
    RagSetup,
    SecondOpinion,
    AnswerPassages,
    {
      provide: HybridSearch,
      inject: [LexicalService, VectorService, Settings],
      useFactory: (lexical: LexicalService, vectors: VectorService, { fusion: method }: Settings) =>
        new HybridSearch({ lexical, vectors, tuning: { ...DEFAULT_TUNING, method } }),
    },
    {
      provide: Answerers,
      inject: [Settings, LlmService, LexicalService, SentenceSimilarity],
      useFactory: createAnswerers,
    },
  ],
  exports: [EncoderRanking, RagService, RagSetup],
})
export class RagModule {}
