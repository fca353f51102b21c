import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { DocumentErrorCode } from '../../common/errors/error-table.js';
import type { Transaction } from '../../database/transaction.types.js';
import { lockFamily } from '../document-family.js';
import { DocumentPartsRepository, type ExistingPart, type PlacedPart } from './document-parts.repository.js';
import type { HiddenVersions, StoredPart } from '../documents.types.js';
import { MissingFiles, type SameBytes } from '../versions/missing-files.service.js';
import { QuotasService } from '../quotas.service.js';
import { ReadingService } from '../versions/reading.service.js';
import { RemovedVersionsRepository } from '../removal/removed-versions.repository.js';
import { StorageService } from '../../storage/storage.service.js';

/** An archive in an archive in a mail is read; what is in there deeper is not. */
const DEEPEST = 3;
/** Documents that come out of one upload. */
const MOST_PARTS = 2000;

/** Why the files in a file cannot become documents. */
export class PartsRefused extends Error {
  override readonly name = 'PartsRefused';

  constructor(
    readonly code: DocumentErrorCode,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Documents that are the files in a mail or an archive: they come, change and go with it. */
@Injectable()
export class DocumentPartsService {
  constructor(
    private readonly repository: DocumentPartsRepository,
    private readonly removed: RemovedVersionsRepository,
    private readonly quotas: QuotasService,
    private readonly storage: StorageService,
    private readonly reading: ReadingService,
    private readonly missing: MissingFiles,
  ) {}

  /**
   * Makes these files the parts of a document. A part of the same name stays what it is where its content is the
   * same, and becomes a new version of itself where it is not; parts that are no longer there are hidden.
   * @returns what nobody may see or needs to read any more, and the files of parts that have the same already
   * @throws PartsRefused `document_too_large`, `document_over_quota`
   */
  async replace(
    tx: Transaction,
    documentId: string,
    parts: readonly StoredPart[],
  ): Promise<HiddenVersions & { same: SameBytes[] }> {
    const existing = await this.repository.existing(tx, [documentId]);
    if (existing.length === 0 && parts.length === 0) return { shown: [], unread: [], same: [] };
    const byName = new Map(existing.map((part) => [part.part_name, part]));
    const same: SameBytes[] = [];
    const created: PlacedPart[] = [];
    const changed: PlacedPart[] = [];
    for (const part of parts) {
      const found = byName.get(part.name);
      byName.delete(part.name);
      if (!found) created.push(part);
      else if (isSame(found, part))
        same.push({ documentId: found.id, fileKey: found.file_key, key: part.stored.key });
      else changed.push({ ...part, documentId: found.id });
    }
    const hidden = await this.removed.hide(
      tx,
      [...byName.values()].map((part) => part.id),
    );
    const overtaken = await this.add(tx, documentId, created, changed);
    return { shown: hidden.shown, unread: [...hidden.unread, ...overtaken], same };
  }

  /** Parts whose bytes are gone get those that came again. @returns the files that nobody took */
  async mend(same: readonly SameBytes[]): Promise<string[]> {
    const left: string[] = [];
    for (const each of same) if (!(await this.missing.mend(each).catch(() => false))) left.push(each.key);
    return left;
  }

  /** Gives all that is in these documents, at any depth, the metadata of what it is in. */
  async passOnMetadata(tx: Transaction, documentIds: readonly string[]): Promise<void> {
    for (const id of documentIds) {
      const [, ...inside] = await lockFamily(tx, [id]);
      if (inside.length > 0) await this.repository.copyMetadata(tx, id, inside);
    }
  }

  /** Hides all parts of these documents. @returns what nobody may see or needs to read any more */
  async drop(tx: Transaction, documentIds: readonly string[]): Promise<HiddenVersions> {
    if (documentIds.length === 0) return { shown: [], unread: [] };
    const existing = await this.repository.existing(tx, documentIds);
    return this.removed.hide(
      tx,
      existing.map((part) => part.id),
    );
  }

  /** @returns versions of parts that waited to be read and never will be */
  private async add(
    tx: Transaction,
    documentId: string,
    created: readonly PlacedPart[],
    changed: readonly PlacedPart[],
  ): Promise<string[]> {
    const parts = [...created, ...changed];
    if (parts.length === 0) return [];
    const owner = await this.repository.owner(tx, documentId);
    if (!owner) throw new Error('a document that was just locked is missing');
    if (owner.depth >= DEEPEST)
      throw new PartsRefused(
        'document_too_large',
        `Archives and mails in each other are read ${DEEPEST} deep. Unpack it and upload what is in it.`,
      );
    if ((await this.repository.familySize(tx, owner.root_id)) + created.length > MOST_PARTS)
      throw new PartsRefused(
        'document_too_large',
        `At most ${MOST_PARTS} documents are made of one upload. Split it into smaller ones.`,
      );
    await this.repository.create(tx, owner, created);
    const overtaken = await this.repository.addVersions(tx, owner, parts);
    if (owner.created_by) await this.enforceQuota(tx, owner.created_by);
    // Somebody whose account is gone has no line: theirs is that of the upload.
    await this.reading.lineUp(
      tx,
      owner.created_by ?? owner.root_id,
      parts.map((part) => part.versionId),
    );
    return overtaken;
  }

  private async enforceQuota(tx: Transaction, userId: string): Promise<void> {
    try {
      await this.quotas.enforce(tx, userId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'quota_exceeded')
        throw new PartsRefused('document_over_quota', `With the files in it: ${error.detail}`);
      throw error;
    }
  }

  /** Files that no document took; what cannot be taken away now is found when files and documents are compared. */
  async discard(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.storage.delete(keys).catch(() => undefined);
  }

  /** Has the parts that were just added be read; call it after the commit. */
  wake(): void {
    this.reading.wake();
  }
}

/** Whether a part has these bytes; one that could not be read because its own are gone has to be read from these. */
const isSame = (part: ExistingPart, { stored }: StoredPart): part is ExistingPart & { file_key: string } =>
  part.file_key !== null &&
  part.error_code !== 'document_file_missing' &&
  part.sha256?.equals(stored.sha256) === true;
