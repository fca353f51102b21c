import path from 'node:path';
import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DirectoryFileStore } from './adapters/directory/directory-store.js';
import { DiskSpace } from './disk-space.service.js';
import { FileStore } from './file-store.port.js';
import { dropRemoved } from './removed-files.js';
import { StorageService } from './storage.service.js';

/** Starts also where the folder cannot be used: it is asked again with every request. */
async function openDirectory(root: string): Promise<FileStore> {
  const store = new DirectoryFileStore(root);
  await store
    .ping()
    // Of a backup that was being made when the server ended.
    .then(() => dropRemoved(root))
    .catch(() => undefined);
  return store;
}

/** The client of S3 is loaded only where it is used. */
async function createStore(settings: Settings): Promise<FileStore> {
  if (settings.fileStore === 'directory') return openDirectory(path.join(settings.dataDir, 'files'));
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
