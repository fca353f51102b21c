import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { OpenDatabase } from './data-source.js';
import { EmbeddedMaintenance } from './embedded/maintenance.service.js';
import { Transactions } from './transactions.js';

@Global()
@Module({})
export class DatabaseModule {
  static with(database: OpenDatabase): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [TypeOrmModule.forRoot({ ...database.options, autoLoadEntities: true, retryAttempts: 1 })],
      providers: [Transactions, EmbeddedMaintenance],
      exports: [Transactions],
    };
  }
}
