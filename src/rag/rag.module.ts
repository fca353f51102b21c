import { Module } from '@nestjs/common';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { EmbeddingsModule } from '../embeddings/embeddings.module.js';
import { LexicalModule } from '../lexical/lexical.module.js';
import { LexicalService } from '../lexical/lexical.service.js';
import { LlmModule } from '../llm/llm.module.js';
import { VectorModule } from '../vector/vector.module.js';
import { ExtractiveAnswerer } from './adapters/extractive/extractive-answerer.js';
import { Answerer } from './answerer.port.js';
import { RagController } from './rag.controller.js';
import { RagService } from './rag.service.js';
import { RetrievalService } from './retrieval.service.js';
import { SentenceSimilarity } from './sentence-similarity.service.js';

@Module({
  imports: [CollectionsModule, DocumentsModule, EmbeddingsModule, LexicalModule, LlmModule, VectorModule],
  controllers: [RagController],
  providers: [
    RagService,
    RetrievalService,
    SentenceSimilarity,
    {
      provide: Answerer,
      inject: [LexicalService, SentenceSimilarity],
      useFactory: (lexical: LexicalService, sentences: SentenceSimilarity): Answerer =>
        new ExtractiveAnswerer({
          analyse: (text) => lexical.analyse(text),
          similarity: (question, texts) => sentences.compare(question, texts),
        }),
    },
  ],
})
export class RagModule {}
