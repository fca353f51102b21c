import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { GeminiEncoder, isGemini } from './adapters/gemini/gemini.encoder.js';
import { TransformersLoader } from './adapters/transformers/transformers.loader.js';
import { EmbeddingsService } from './embeddings.service.js';
import { EncoderLoader } from './encoder-loader.port.js';
import { requireModel } from './store/install-model.js';

/** With every kind of encoder; commands use it without an application. */
export const embeddingsOf = (
  settings: Settings,
  loader: EncoderLoader = new TransformersLoader(),
): EmbeddingsService =>
  new EmbeddingsService(settings, loader, (modelId, dimensions) =>
    isGemini(modelId) ? new GeminiEncoder(settings, modelId, dimensions) : undefined,
  );

/** @throws ConfigError where EMBEDDING_MODEL names no encoder */
export function checkEncoder(settings: Settings): void {
  if (!isGemini(settings.embeddingModel)) requireModel(settings, settings.embeddingModel);
}

@Module({
  providers: [
    { provide: EncoderLoader, useClass: TransformersLoader },
    { provide: EmbeddingsService, inject: [Settings, EncoderLoader], useFactory: embeddingsOf },
  ],
  exports: [EmbeddingsService],
})
export class EmbeddingsModule {}
