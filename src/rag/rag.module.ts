import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { LexicalModule } from '../lexical/lexical.module.js';
import { LexicalService } from '../lexical/lexical.service.js';
import { LlmModule } from '../llm/llm.module.js';
import { LlmService } from '../llm/llm.service.js';
import { VectorModule } from '../vector/vector.module.js';
import { ExtractiveAnswerer } from './adapters/extractive/extractive-answerer.js';
import { GenerativeAnswerer } from './adapters/generative/generative-answerer.js';
import { Answerers } from './answerers.js';
import { Settings } from '../config/settings.js';
import { VectorService } from '../vector/vector.service.js';
import { DEFAULT_TUNING, HybridSearch } from './hybrid-search.js';
import { renderLangchainPrompt } from './prompt.js';
import { RagController } from './rag.controller.js';
import { RagService } from './rag.service.js';
import { RetrievalService } from './retrieval.service.js';
import { SentenceSimilarity } from './sentence-similarity.service.js';

function createAnswerers(llm: LlmService, lexical: LexicalService, sentences: SentenceSimilarity): Answerers {
  if (llm.configured())
    return new Answerers(new GenerativeAnswerer(llm), new GenerativeAnswerer(llm, renderLangchainPrompt));
  const extractive = new ExtractiveAnswerer({
    analyse: (text) => lexical.analyse(text),
    similarity: (question, texts) => sentences.compare(question, texts),
  });
  return new Answerers(extractive, extractive);
}

@Module({
  imports: [
    AuditModule,
    CollectionsModule,
    DocumentsModule,
    EmbeddingsModule,
    LexicalModule,
    LlmModule,
    VectorModule,
  ],
  controllers: [RagController],
  providers: [
    RagService,
    RetrievalService,
    SentenceSimilarity,
    {
      provide: HybridSearch,
      inject: [LexicalService, VectorService, Settings],
      useFactory: (lexical: LexicalService, vectors: VectorService, { fusion: method }: Settings) =>
        new HybridSearch({ lexical, vectors, tuning: { ...DEFAULT_TUNING, method } }),
    },
    {
      provide: Answerers,
      inject: [LlmService, LexicalService, SentenceSimilarity],
      useFactory: createAnswerers,
    },
  ],
})
export class RagModule {}
