import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { GeminiEncoder, isGemini } from './adapters/gemini/gemini.encoder.js';
import { TransformersLoader } from './adapters/transformers/transformers.loader.js';
import { EmbeddingsService } from './embeddings.service.js';
import { EncoderLoader } from './encoder-loader.port.js';

/** With every kind of encoder; commands use it without an application. */
export const embeddingsOf = (
  settings: Settings,
  loader: EncoderLoader = new TransformersLoader(),
): EmbeddingsService =>
  new EmbeddingsService(settings, loader, (modelId, dimensions) =>
    isGemini(modelId) ? new GeminiEncoder(settings, modelId, dimensions) : undefined,
  );

@Module({
  providers: [
    { provide: EncoderLoader, useClass: TransformersLoader },
    { provide: EmbeddingsService, inject: [Settings, EncoderLoader], useFactory: embeddingsOf },
  ],
  exports: [EmbeddingsService],
})
export class EmbeddingsModule {}
