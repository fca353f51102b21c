import type { MetadataFilter } from '../common/filter/metadata-filter.js';
import type { DocumentErrorCode } from '../common/errors/error-table.js';
import type { PageStarts } from '../common/page-starts.js';
import type { StoredFile } from '../storage/storage.types.js';

export const DOCUMENT_STATUSES = [
  'queued',
  'extracting',
  'embedding',
  'ready',
  'failed',
  'deleting',
] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

/** What lists are ordered by: fields of a document. */
export const DOCUMENT_SORTS = ['created_at', 'updated_at', 'title', 'bytes'] as const;
export type DocumentSort = (typeof DOCUMENT_SORTS)[number];
export const DOCUMENT_ORDERS = ['asc', 'desc'] as const;
export type DocumentOrder = (typeof DOCUMENT_ORDERS)[number];

/** How a document can be found: not at all, by words, or by words and meaning. */
export type Indexed = 'none' | 'lexical' | 'full';
export type Metadata = Record<string, unknown>;

/** A document as its readers see it: the latest version's record, the active version's content. */
export interface DocumentName {
  document_id: string;
  doc_id: string;
  title: string | null;
}

export interface DocumentRow {
  id: string;
  external_id: string;
  collection_id: string;
  /** The mail or archive that it was in. */
  parent_id: string | null;
  title: string | null;
  file_name: string | null;
  mime: string;
  byte_size: string;
  sha256: Buffer;
  metadata: Metadata;
  language: string | null;
  status: DocumentStatus;
  indexed: Indexed;
  error_code: DocumentErrorCode | null;
  error_detail: string | null;
  /** Why the encoder in use makes no vectors of what answers. */
  refusal: string | null;
  chunk_count: number;
  embedded_count: number;
  page_count: number | null;
  /** By the run that reads the latest version. */
  pages_read: number;
  created_at: Date;
  updated_at: Date;
}

/** An upload's answer for one file: its document, or the one that has the same content already. */
export interface AcceptedUpload {
  row: DocumentRow;
  duplicateOf: string | null;
}

export interface ChunkRow {
  id: string;
  ordinal: number;
  text: string;
  char_start: number;
  char_end: number;
  page: number | null;
  heading_path: string[];
  token_count: number;
}

/** One passage of a version to be published. Offsets are UTF-16 code units into the version's text. */
export interface PassageDraft {
  id: string;
  ordinal: number;
  text: string;
  searchText: string;
  charStart: number;
  charEnd: number;
  page: number | null;
  headingPath: string[];
  tokenCount: number;
}

/** A version with all that its readers will see, ready to be stored and switched to. */
export interface VersionDraft {
  versionId: string;
  text: string;
  title: string | null;
  language: string | null;
  pages: number | null;
  pageStarts: PageStarts | null;
  passages: PassageDraft[];
}

/** A document that is about to be changed: its latest version, or the one that answers where that could not be read. */
export interface EditedDocument {
  id: string;
  collection_id: string;
  external_id: string;
  metadata: Metadata;
  version_id: string;
  title: string | null;
  mime: string;
  file_key: string | null;
  published: boolean;
  /** Null where a file is the original. */
  text: string | null;
}

/** A text that came whole with its request. */
export interface TextDraft extends VersionDraft {
  /** The version that it takes the place of: with any other, or with other metadata, nothing is published. */
  replaces?: string;
  documentId: string;
  externalId: string;
  mime: string;
  metadata: Metadata;
  /** The file that it was read from, where the text is not itself the original. */
  original?: { fileKey: string; fileName: string | null; bytes: number; sha256: Buffer };
}

export interface PublishedDocument {
  documentId: string;
  externalId: string;
  versionId: string;
  replacedVersionId: string | null;
  /** Whether its metadata is another than before. */
  retagged: boolean;
}

/** A version that nobody can see any more, and what is to be deleted with it. */
export interface RemovableVersion {
  id: string;
  file_key: string | null;
  /** How often its file could not be deleted. */
  tries: number;
}

/** Versions of documents that were hidden. */
export interface HiddenVersions {
  /** Those that answered until now. */
  shown: string[];
  /** Files that wait to be read, are being read, or could not be. */
  unread: string[];
}

/** A text in the place of what was there before. */
export interface PublishedText extends PublishedDocument {
  /** A file that was not published and never will be. */
  overtakenVersionId: string | null;
  /** Whether it was read from the file that was there before, so that the files in it are the same, too. */
  sameFile: boolean;
}

/** A file that was in another one; its bytes are stored and belong to nobody yet. */
export interface StoredPart {
  /** Where it stood in the outer file; no two have the same. */
  name: string;
  mime: string;
  stored: StoredFile;
  /** Used where the outer document has no part of this name. */
  documentId: string;
  externalId: string;
  versionId: string;
}

/** A file that waits to be read. */
export interface PendingVersion {
  version_id: string;
  document_id: string;
  collection_id: string;
  file_key: string;
  file_name: string | null;
  mime: string;
  title: string | null;
  /** Counts the runs that read it: only the last one may publish. */
  attempt: number;
  /** Runs before this one that did not come to an end. */
  unfinished: number;
  /** Another version of its document answers meanwhile. */
  replaces: boolean;
}

/** A version that was read and waits for its vectors, to take the place of the one that answers. */
export interface Successor extends Pick<VersionDraft, 'versionId' | 'title' | 'language'> {
  documentId: string;
  collectionId: string;
  /** Of the file that it was read from. */
  fileName: string | null;
  passages: Pick<PassageDraft, 'id' | 'text' | 'headingPath'>[];
}

/** The removal of a collection, or of a user with all collections. */
export interface RemovalRow {
  id: string;
  kind: 'collection' | 'user';
  subject_id: string;
  /** In it when it began. */
  documents: number;
  remaining: number;
  created_at: Date;
  finished_at: Date | null;
}

/** What a passage needs to be shown and cited. */
export interface PassageRow {
  chunk_id: string;
  document_id: string;
  external_id: string;
  collection_id: string;
  version_id: string;
  title: string | null;
  metadata: Metadata;
  text: string;
  page: number | null;
  char_start: number;
  char_end: number;
  heading_path: string[];
}

/** Whose eyes passages are for. */
export interface PassageScope {
  userId: string;
  /** Those among which was searched: what the caller may read, and what the credential is limited to. */
  collectionIds: readonly string[];
  adminAccess: boolean;
}

/** Which documents a query is limited to: the ids, where they are few, else the filter that chooses them. */
export interface DocumentScope {
  documentIds: string[] | undefined;
  filter: MetadataFilter | undefined;
}

/** A file got a title of its own while it was being read under another: it has to be read again. */
export class RetitledMeanwhile extends Error {
  override readonly name = 'RetitledMeanwhile';
}

/** What was read from a file, and the run that read it. */
export interface FileToPublish {
  pending: PendingVersion;
  draft: VersionDraft & { mime: string };
}

export interface NamedDocument {
  id: string;
  external_id: string;
}

/**
 * What a version is written in, as ISO 639-1, the file that it came as, and where its pages begin; null where that is unsure,
 * or there was none.
 */
export interface VersionSource {
  language: string | null;
  fileName: string | null;
  pageStarts: PageStarts | null;
}
