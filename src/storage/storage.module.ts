import path from 'node:path';
import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DirectoryFileStore } from './adapters/directory/directory-store.js';
import { DiskSpace } from './disk-space.service.js';
import { FileStore } from './file-store.port.js';
import { OwnershipRepository } from './ownership.repository.js';
import { dropRemoved } from './removed-files.js';
import { StorageService } from './storage.service.js';
import { StoreOwnership } from './store-ownership.service.js';

const filesDir = ({ dataDir }: Settings): string => path.join(dataDir, 'files');

/** Starts also where the folder cannot be used: it is asked again with every request. */
async function createStore(settings: Settings): Promise<FileStore> {
  const store = await openFileStore(settings);
  if (settings.fileStore !== 'directory') return store;
  await store
    .ping()
    // Of a backup that was being made when the server ended.
    .then(() => dropRemoved(filesDir(settings)))
    .catch(() => undefined);
  return store;
}

/** For commands beside a server that runs, too. The client of S3 is loaded only where it is used. */
export async function openFileStore(settings: Settings): Promise<FileStore> {
  if (settings.fileStore === 'directory') return new DirectoryFileStore(filesDir(settings));
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
  providers: [
    { provide: FileStore, inject: [Settings], useFactory: createStore },
    DiskSpace,
    OwnershipRepository,
    StoreOwnership,
    StorageService,
  ],
  exports: [StorageService],
})
export class StorageModule {}
