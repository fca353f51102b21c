import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { ChromaStore } from './adapters/chroma/chroma-store.js';
import { PgVectorStore } from './adapters/pgvector/pgvector-store.js';
import { CheckedVectorStore } from './checked-vector-store.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore } from './vector-store.port.js';
import { VectorService } from './vector.service.js';

@Module({
  providers: [
    {
      provide: VectorStore,
      inject: [Settings, DataSource],
      useFactory: (settings: Settings, dataSource: DataSource): VectorStore =>
        settings.vectorStore === 'chroma' && settings.chromaUrl
          ? new CheckedVectorStore(
              new ChromaStore({
                url: settings.chromaUrl,
                headers: settings.chromaHeaders,
                tenant: settings.chromaTenant,
                database: settings.chromaDatabase,
              }),
              dataSource,
            )
          : new PgVectorStore(dataSource),
    },
    VectorIndexesRepository,
    VectorService,
  ],
  exports: [VectorService],
})
export class VectorModule {}
