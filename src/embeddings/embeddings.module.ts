import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { GeminiEncoder, isGemini } from './adapters/gemini/gemini.encoder.js';
import { TransformersLoader } from './adapters/transformers/transformers.loader.js';
import { EmbeddingsService } from './embeddings.service.js';
import { EncoderLoader } from './encoder-loader.port.js';

@Module({
  providers: [
    { provide: EncoderLoader, useClass: TransformersLoader },
    {
      provide: EmbeddingsService,
      inject: [Settings, EncoderLoader],
      useFactory: (settings: Settings, loader: EncoderLoader) =>
        new EmbeddingsService(
          settings,
          loader,
          isGemini(settings.embeddingModel) ? new GeminiEncoder(settings) : undefined,
        ),
    },
  ],
  exports: [EmbeddingsService],
})
export class EmbeddingsModule {}
