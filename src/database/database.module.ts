import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { CommitWatch } from './commit-watch.js';
import type { OpenDatabase } from './data-source.js';
import { EmbeddedMaintenance } from './embedded/maintenance.service.js';
import { IndexHead } from './index-head.js';
import { EncryptionKeyRepository } from './encryption-key.repository.js';
import { KeyResealing } from './key-resealing.service.js';
import { Transactions } from './transactions.js';

function watchCommits(dataSource: DataSource, settings: Settings): CommitWatch {
  const watch = new CommitWatch(settings.embedded);
  dataSource.subscribers.push(watch);
  return watch;
}

@Global()
@Module({})
export class DatabaseModule {
  static with(database: OpenDatabase): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot({ ...database.options, autoLoadEntities: true, retryAttempts: 1 })],
      providers: [
        Transactions,
        EmbeddedMaintenance,
        EncryptionKeyRepository,
        KeyResealing,
        { provide: CommitWatch, inject: [DataSource, Settings], useFactory: watchCommits },
        {
          provide: IndexHead,
          inject: [DataSource, CommitWatch],
          useFactory: (dataSource: DataSource, watch: CommitWatch) => new IndexHead(dataSource, watch),
        },
      ],
      exports: [Transactions, CommitWatch, IndexHead],
    };
  }
}
