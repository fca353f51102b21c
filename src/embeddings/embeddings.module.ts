import { Module } from '@nestjs/common';
import { TransformersLoader } from './adapters/transformers/transformers.loader.js';
import { EmbeddingsService } from './embeddings.service.js';
import { EncoderLoader } from './encoder-loader.port.js';

@Module({
  providers: [EmbeddingsService, { provide: EncoderLoader, useClass: TransformersLoader }],
  exports: [EmbeddingsService],
})
export class EmbeddingsModule {}
