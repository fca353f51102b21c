import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../collections/collections.service.js';
import type { Caller } from '../collections/collections.types.js';
import { notFound } from '../common/errors/app-error.js';
import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import { decodeOrdinal, DEFAULT_PAGE, encodeCursor, toPage, type Page } from '../common/http/page.js';
import { Together } from '../common/resilience/together.js';
import { StorageService } from '../storage/storage.service.js';
import { DocumentDto } from './documents.dto.js';
import { decodePlace, placeOf } from './list/document-list-cursor.js';
import { DocumentListRepository, type DocumentChoice } from './list/document-list.repository.js';
import { DocumentRemovalService } from './removal/document-removal.service.js';
import { DocumentsRepository, type PlacedDocument } from './documents.repository.js';
import type {
  ChunkRow,
  DocumentName,
  DocumentOrder,
  DocumentRow,
  DocumentScope,
  DocumentSort,
  DocumentStatus,
  NamedDocument,
  PassageRow,
  PassageScope,
  VersionSource,
} from './documents.types.js';

export interface ListQuery {
  collection_id?: string | undefined;
  doc_id?: string | undefined;
  status?: DocumentStatus | undefined;
  filter?: MetadataFilter | undefined;
  parent_id?: string | undefined;
  q?: string | undefined;
  sort?: DocumentSort | undefined;
  order?: DocumentOrder | undefined;
  count?: boolean | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** A page of a list, and how many documents there are in all; null where nobody asked. */
export type CountedPage = Page<DocumentRow> & { total: number | null };

/** More documents than this are not named one by one; more than a query may name itself. */
const MOST_IDS = 2000;

/** What readers of documents ask for; every answer is limited to the collections that the caller may read. */
@Injectable()
export class DocumentsService {
  /** Look-ups of the same moment share a statement. */
  private readonly lookups = new Together<PlacedDocument, DocumentRow | undefined>(async (wanted) => {
    const rows = await this.repository.findPlaced(wanted);
    const found = new Map(rows.map((row) => [`${row.collection_id} ${row.id}`, row]));
    return wanted.map(({ collectionId, id }) => found.get(`${collectionId} ${id}`));
  });

  constructor(
    private readonly repository: DocumentsRepository,
    private readonly list: DocumentListRepository,
    private readonly collections: CollectionsService,
    private readonly storage: StorageService,
    private readonly removal: DocumentRemovalService,
  ) {}

  async get(caller: Caller, id: string): Promise<DocumentRow> {
    const row = await this.repository.find(id, await this.collections.accessibleIds(caller));
    if (!row) throw notFound('document');
    return row;
  }

  /** As `GET /documents/{id}` shows it, for whoever tells others of it. */
  async shown(caller: Caller, id: string): Promise<DocumentDto> {
    return DocumentDto.of(await this.get(caller, id));
  }

  /** For a caller who was found to have a right in this collection: the document, where it is in there. */
  within(collectionId: string, id: string): Promise<DocumentRow | undefined> {
    return this.lookups.run({ collectionId, id });
  }

  async page(caller: Caller, query: ListQuery): Promise<CountedPage> {
    const choice: DocumentChoice = {
      collectionIds: await this.collections.readableAmong(
        caller,
        query.collection_id ? [query.collection_id] : undefined,
      ),
      externalId: query.doc_id,
      status: query.status,
      filter: query.filter,
      parentId: query.parent_id,
      words: query.q?.split(/\s+/u).filter(Boolean),
    };
    const { sort = 'created_at', order = 'asc', limit = DEFAULT_PAGE } = query;
    const after = decodePlace(query.cursor, sort, order);
    const rows = await this.list.page({ ...choice, sort, order, after, limit: limit + 1 });
    const page = toPage(
      rows,
      limit,
      (row) => placeOf(row, sort, order),
      (row): DocumentRow => row,
    );
    return { ...page, total: query.count ? await this.list.count(choice) : null };
  }

  async chunks(
    caller: Caller,
    id: string,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<ChunkRow>> {
    const readable = await this.collections.accessibleIds(caller);
    if (!(await this.repository.find(id, readable))) throw notFound('document');
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.chunks(id, readable, decodeOrdinal(query.cursor), limit + 1);
    const last = rows[limit - 1];
    return {
      items: rows.slice(0, limit),
      next_cursor: rows.length > limit && last ? encodeCursor([String(last.ordinal)]) : null,
    };
  }

  /** The text that citations point into. @throws AppError `not_found` while nothing was extracted yet */
  async text(caller: Caller, id: string): Promise<string> {
    const text = await this.repository.text(id, await this.collections.accessibleIds(caller));
    if (text === undefined || text === null)
      throw notFound(text === null ? 'text of this document yet' : 'document');
    return text;
  }

  /** The bytes as they came in, of the version that answers, with its name and type. */
  async content(
    caller: Caller,
    id: string,
  ): Promise<{ name: string; mime: string; bytes: number; content: Readable | string }> {
    const found = await this.repository.content(id, await this.collections.accessibleIds(caller));
    if (!found) throw notFound('document');
    const content = found.file_key ? await this.storage.get(found.file_key) : (found.text ?? '');
    return {
      name: found.file_name ?? `${found.external_id}.txt`,
      mime: found.mime,
      bytes: Number(found.byte_size),
      content,
    };
  }

  async remove(caller: Caller, id: string): Promise<void> {
    const found = await this.get(caller, id);
    await this.collections.require(caller, found.collection_id, 'write');
    await this.removal.removeDocuments([id], caller.id);
  }

  /** Removes the document with this `doc_id` in a collection. */
  async removeByExternalId(
    caller: Caller,
    collectionId: string | undefined,
    externalId: string,
  ): Promise<string> {
    const target = await this.collections.writable(caller, collectionId);
    const [found] = await this.repository.named([externalId], [target]);
    if (!found) throw notFound('document');
    await this.removal.removeDocuments([found.id], caller.id);
    return found.id;
  }

  /** @returns the removal, which can be followed */
  async removeCollection(caller: Caller, collectionId: string): Promise<string> {
    await this.collections.requireRemovable(caller, collectionId);
    return this.removal.removeCollection(collectionId, caller.id);
  }

  /** What a query is limited to. A filter that chooses few documents becomes their ids, which indexes like best. */
  async narrow(
    collectionIds: readonly string[],
    filter: MetadataFilter | undefined,
    documentIds: readonly string[] | undefined,
  ): Promise<DocumentScope> {
    if (!filter) return { documentIds: documentIds && [...documentIds], filter: undefined };
    const ids = await this.repository.matching(collectionIds, filter, documentIds, MOST_IDS + 1);
    return ids.length <= MOST_IDS
      ? { documentIds: ids, filter: undefined }
      : { documentIds: undefined, filter };
  }

  /** Passages by chunk id, as far as they are current, in these collections, and the user may read them now. */
  async passages(chunkIds: readonly string[], scope: PassageScope): Promise<Map<string, PassageRow>> {
    if (chunkIds.length === 0) return new Map();
    const rows = await this.repository.passages(chunkIds, scope);
    return new Map(rows.map((row) => [row.chunk_id, row]));
  }

  /** What stands at these spans of the stored texts: what a quote is compared with. */
  textSlices(spans: readonly { versionId: string; start: number; end: number }[]): Promise<string[]> {
    return this.repository.textSlices(spans);
  }

  /** What is known of versions as a whole, by id. */
  versions(ids: readonly string[]): Promise<Map<string, VersionSource>> {
    return this.repository.versions(ids);
  }

  /** Of those documents that the caller may read, by id. */
  async names(caller: Caller, ids: readonly string[]): Promise<Map<string, DocumentName>> {
    if (ids.length === 0) return new Map();
    const rows = await this.repository.names(ids, await this.collections.accessibleIds(caller));
    return new Map(rows.map((row) => [row.document_id, row]));
  }

  /** How many of these documents, by id or by `doc_id`, are not in these collections. */
  async missing(
    collectionIds: readonly string[],
    { documentIds, docIds }: { documentIds: readonly string[]; docIds: readonly string[] },
  ): Promise<number> {
    return this.repository.missing(collectionIds, documentIds, docIds);
  }

  /** Documents of these names in collections that the caller may read. */
  named(externalIds: readonly string[], collectionIds: readonly string[]): Promise<NamedDocument[]> {
    return this.repository.named(externalIds, collectionIds);
  }

  states(): ReturnType<DocumentsRepository['states']> {
    return this.repository.states();
  }

  counts(): ReturnType<DocumentsRepository['counts']> {
    return this.repository.counts();
  }
}
