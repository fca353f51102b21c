import { Module } from '@nestjs/common';
import { DirectoryFileStore } from './adapters/directory.js';
import { FileStore } from './file-store.port.js';
import { StorageService } from './storage.service.js';

@Module({
  providers: [{ provide: FileStore, useClass: DirectoryFileStore }, StorageService],
  exports: [StorageService],
})
export class StorageModule {}
