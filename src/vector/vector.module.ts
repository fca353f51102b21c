import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { IndexHead } from '../database/index-head.js';
import { PgVectorLog } from './adapters/pgvector/pgvector-log.js';
import { PgVectorStore } from './adapters/pgvector/pgvector-store.js';
import { ActiveVersionsRepository } from './active-versions.repository.js';
import { AnsweringIndex } from './answering-index.service.js';
import { CheckedVectorStore } from './checked-vector-store.js';
import { HeldVectorStore } from './held/held-vector-store.js';
import { LostIndexes } from './lost-indexes.service.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore } from './vector-store.port.js';
import { VectorService } from './vector.service.js';

/** The client of ChromaDB is loaded only where it is used. */
async function createStore(
  settings: Settings,
  dataSource: DataSource,
  head: IndexHead,
  lost: LostIndexes,
): Promise<VectorStore> {
  const versions = new ActiveVersionsRepository(dataSource);
  if (settings.vectorStore !== 'chroma' || !settings.chromaUrl) {
    const options = { shared: !settings.embedded, maxBytes: settings.vectorMemory, head };
    const held = new HeldVectorStore(new PgVectorStore(dataSource), new PgVectorLog(dataSource), options);
    return new CheckedVectorStore(held, versions, true);
  }
  const { ChromaStore } = await import('./adapters/chroma/chroma-store.js');
  const options = {
    url: settings.chromaUrl,
    headers: settings.chromaHeaders,
    tenant: settings.chromaTenant,
    database: settings.chromaDatabase,
  };
  const store = new ChromaStore(options, (index) => lost.note(index));
  return new CheckedVectorStore(store, versions);
}

@Module({
  providers: [
    {
      provide: VectorStore,
      inject: [Settings, DataSource, IndexHead, LostIndexes],
      useFactory: createStore,
    },
    AnsweringIndex,
    LostIndexes,
    VectorIndexesRepository,
    VectorService,
  ],
  exports: [LostIndexes, VectorService],
})
export class VectorModule {}
