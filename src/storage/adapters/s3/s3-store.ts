import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { pipeline as pipe, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type $Command,
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  PutObjectCommand,
  S3Client,
  type S3ClientResolvedConfig,
  S3ServiceException,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { notFound } from '../../../common/errors/app-error.js';
import { FileStore } from '../../file-store.port.js';
import { FileUnreadable, type FileEntry, type StoredFile, type Undeleted } from '../../storage.types.js';
import { isKey, Measured, newKey } from '../measured.js';
import { ARCHIVED, ended, isRefusal, meaning, MISSING, unavailable } from './s3-errors.js';

/** The least that S3 takes; two of them is what an upload holds in memory. */
const PART_BYTES = 5 * 1024 * 1024;
const MARK = '.installation';
const CLOCK = '.clock';
const MAX_DELETED = 1000;
const CONNECT_MS = 5_000;
/**
 * For which nothing may come or go. A client that takes its download slowly holds the bucket up as well, for as long as
 * what the system keeps of it lasts.
 */
const IDLE_MS = 120_000;
const PING_MS = 5_000;
/** Within which what is asked for has to begin to come, over all attempts. Then it may take its time. */
const ANSWER_MS = 30_000;

export interface S3Options {
  bucket: string;
  /** In front of every key; with a "/" at its end unless it is empty. */
  prefix: string;
  region: string;
  endpoint: string | undefined;
  forcePathStyle: boolean;
  /** Without them, the usual places: environment, profile, instance role. */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
  /** Where copies are kept while they are read. */
  scratch: string;
  /** How long a server may be silent in the middle of a request, in milliseconds. */
  idleMs?: number;
  /** Within which a server has to begin an answer, in milliseconds. */
  answerMs?: number;
}

/** Objects in a bucket of S3 or a compatible server. The bucket has to exist. */
export class S3FileStore extends FileStore {
  private readonly client: S3Client;

  constructor(private readonly options: S3Options) {
    super();
    const { region, endpoint, forcePathStyle, credentials, idleMs = IDLE_MS } = options;
    this.client = new S3Client({
      region,
      forcePathStyle,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials ? { credentials } : {}),
      // `requestTimeout` would also cut off what is slow but goes on.
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: idleMs },
      // Compatible servers do not all know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(content: Readable, maxBytes: number): Promise<StoredFile> {
    const key = newKey();
    const measured = new Measured(maxBytes);
    let broken: unknown;
    // A source that breaks off ends the upload with its error instead of an object that is too short.
    const body = pipe(content, measured, (error) => (broken = error));
    const upload = new Upload({
      client: this.client,
      params: { ...this.at(key), Body: body },
      partSize: PART_BYTES,
      queueSize: 1,
    });
    try {
      await upload.done();
    } catch (error) {
      content.destroy();
      await upload.abort().catch(() => undefined);
      // Where the server failed, the source is broken off as well, by the upload itself.
      throw error === broken ? error : meaning(error);
    }
    return { key, bytes: measured.bytes, sha256: measured.digest() };
  }

  async get(key: string): Promise<Readable> {
    this.require(key);
    try {
      const { Body } = await this.ask(new GetObjectCommand(this.at(key)));
      if (!Body) throw notFound('file');
      return Body as Readable;
    } catch (error) {
      throw isRefusal(error) ? new FileUnreadable(error) : meaning(error);
    }
  }

  async has(key: string): Promise<boolean> {
    if (!isKey(key)) return false;
    try {
      await this.ask(new HeadObjectCommand(this.at(key)));
      return true;
    } catch (error) {
      if (isRefusal(error)) throw new FileUnreadable(error);
      if (!(error instanceof S3ServiceException && MISSING.has(error.name))) throw meaning(error);
    }
    // The answer has no body that could tell a missing object from a missing bucket.
    await this.ping();
    return false;
  }

  async local(key: string): Promise<{ path: string; release: () => Promise<void> }> {
    const content = await this.get(key);
    await fs.mkdir(this.options.scratch, { recursive: true, mode: 0o700 });
    const file = path.join(this.options.scratch, randomUUID());
    const release = (): Promise<void> => fs.rm(file, { force: true });
    try {
      await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await release();
      throw meaning(error);
    }
    return { path: file, release };
  }

  async delete(keys: readonly string[]): Promise<Undeleted[]> {
    const known = keys.filter(isKey);
    const undeleted: Undeleted[] = [];
    for (let i = 0; i < known.length; i += MAX_DELETED) {
      const Objects = known.slice(i, i + MAX_DELETED).map((key) => ({ Key: this.options.prefix + key }));
      const command = new DeleteObjectsCommand({
        Bucket: this.options.bucket,
        Delete: { Objects, Quiet: true },
      });
      const answer = await this.ask(command).catch((error: unknown) => {
        throw meaning(error);
      });
      for (const { Key, Code = '', Message } of answer.Errors ?? []) {
        if (MISSING.has(Code)) continue;
        const cause = Object.assign(new Error(`${Code}: ${Message}`), { code: Code });
        if (Key === undefined) throw unavailable(cause);
        undeleted.push({ key: Key.slice(this.options.prefix.length), cause });
      }
    }
    return undeleted;
  }

  async *list(shard: string): AsyncIterable<FileEntry> {
    const { bucket, prefix } = this.options;
    try {
      for (let from: { ContinuationToken?: string } | undefined = {}; from;) {
        const page: ListObjectsV2CommandOutput = await this.ask(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${shard}/`, ...from }),
        );
        for (const { Key = '', Size = 0, LastModified = new Date() } of page.Contents ?? []) {
          const key = Key.slice(prefix.length);
          if (isKey(key)) yield { key, bytes: Size, modifiedAt: LastModified };
        }
        from = page.NextContinuationToken ? { ContinuationToken: page.NextContinuationToken } : undefined;
      }
    } catch (error) {
      throw meaning(error);
    }
  }

  async removeUnfinished(before: Date): Promise<void> {
    const { bucket: Bucket, prefix, scratch } = this.options;
    // Copies are on a disk of this machine, and have its times.
    const ahead = (await this.now()).getTime() - Date.now();
    for (const name of await fs.readdir(scratch).catch(() => [])) {
      const found = await fs.stat(path.join(scratch, name)).catch(() => undefined);
      if (found && found.mtimeMs + ahead < before.getTime())
        await fs.rm(path.join(scratch, name), { force: true });
    }
    try {
      for (let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}; from;) {
        const page: ListMultipartUploadsCommandOutput = await this.ask(
          new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...from }),
        );
        for (const { Key = '', UploadId, Initiated } of page.Uploads ?? [])
          if (isKey(Key.slice(prefix.length)) && Initiated && Initiated < before)
            await this.ask(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(ended);
        const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
        from =
          IsTruncated && KeyMarker ? { KeyMarker, ...(UploadIdMarker && { UploadIdMarker }) } : undefined;
      }
    } catch (error) {
      throw meaning(error);
    }
  }

  async mark(): Promise<string | undefined> {
    try {
      const { Body } = await this.ask(new GetObjectCommand(this.at(MARK)));
      return (await Body?.transformToString())?.trim();
    } catch (error) {
      // An archived mark cannot be read: whose files they are, they tell themselves.
      if (error instanceof S3ServiceException && (MISSING.has(error.name) || error.name === ARCHIVED))
        return undefined;
      throw meaning(error);
    }
  }

  async setMark(owner: string): Promise<void> {
    await this.write(MARK, `${owner}\n`);
  }

  async now(): Promise<Date> {
    await this.write(CLOCK, 'now');
    try {
      const { LastModified } = await this.ask(new HeadObjectCommand(this.at(CLOCK)));
      if (!LastModified) throw new Error('the bucket does not say when an object was written');
      return LastModified;
    } catch (error) {
      throw meaning(error);
    }
  }

  async ping(): Promise<void> {
    try {
      await this.client.send(new HeadBucketCommand({ Bucket: this.options.bucket }), {
        abortSignal: AbortSignal.timeout(PING_MS),
      });
    } catch (error) {
      throw unavailable(error);
    }
  }

  close(): void {
    this.client.destroy();
  }

  /** Sends what has to be answered soon. An answer that asks for another attempt is none. */
  private async ask<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: $Command<I, O, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
  ): Promise<O> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), this.options.answerMs ?? ANSWER_MS);
    command.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if ((answer.response as { statusCode: number }).statusCode < 400) clearTimeout(timer);
        return answer;
      },
      { step: 'deserialize', priority: 'low' },
    );
    try {
      return await this.client.send(command, { abortSignal: silence.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  private async write(name: string, content: string): Promise<void> {
    try {
      await this.ask(new PutObjectCommand({ ...this.at(name), Body: content }));
    } catch (error) {
      throw meaning(error);
    }
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.options.bucket, Key: this.options.prefix + key };
  }

  private require(key: string): void {
    if (!isKey(key)) throw notFound('file');
  }
}
