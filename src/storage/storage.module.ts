import path from 'node:path';
import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DirectoryFileStore } from './adapters/directory/directory-store.js';
import { DiskSpace } from './disk-space.service.js';
import { FileStore } from './file-store.port.js';
import { StorageService } from './storage.service.js';

/** The client of S3 is loaded only where it is used. */
async function createStore(settings: Settings): Promise<FileStore> {
  if (settings.fileStore === 'directory') return new DirectoryFileStore(path.join(settings.dataDir, 'files'));
  const { S3FileStore } = await import('./adapters/s3/s3-store.js');
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = settings;
  return new S3FileStore({
    bucket: settings.s3Bucket ?? '',
    prefix: settings.s3Prefix,
    region: settings.s3Region,
    endpoint: settings.s3Endpoint,
    forcePathStyle: settings.s3ForcePathStyle,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    scratch: path.join(settings.dataDir, 'scratch'),
  });
}

@Module({
  providers: [{ provide: FileStore, inject: [Settings], useFactory: createStore }, DiskSpace, StorageService],
  exports: [StorageService],
})
export class StorageModule {}
