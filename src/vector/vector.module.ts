import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { PgVectorStore } from './adapters/pgvector/pgvector-store.js';
import { ActiveVersionsRepository } from './active-versions.repository.js';
import { CheckedVectorStore } from './checked-vector-store.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore } from './vector-store.port.js';
import { VectorService } from './vector.service.js';

/** The client of ChromaDB is loaded only where it is used. */
async function createStore(settings: Settings, dataSource: DataSource): Promise<VectorStore> {
  if (settings.vectorStore !== 'chroma' || !settings.chromaUrl) return new PgVectorStore(dataSource);
  const { ChromaStore } = await import('./adapters/chroma/chroma-store.js');
  const store = new ChromaStore({
    url: settings.chromaUrl,
    headers: settings.chromaHeaders,
    tenant: settings.chromaTenant,
    database: settings.chromaDatabase,
  });
  return new CheckedVectorStore(store, new ActiveVersionsRepository(dataSource));
}

@Module({
  providers: [
    {
      provide: VectorStore,
      inject: [Settings, DataSource],
      useFactory: createStore,
    },
    VectorIndexesRepository,
    VectorService,
  ],
  exports: [VectorService],
})
export class VectorModule {}
