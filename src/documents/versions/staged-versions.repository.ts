import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileToPublish, PassageDraft, TextDraft, VersionDraft } from '../documents.types.js';

/** Rows of one insert statement: keeps a statement short for whoever waits behind it. */
const CHUNKS_PER_INSERT = 32;
/** Characters of texts that are written before the transaction: it costs more than all that comes with a short one. */
const LONG = 100_000;
/** Whoever waited for such a text may have more than one question, and is not to wait for what comes next as well. */
const BREATH_MS = 25;

/** Whether a text has characters of two UTF-16 units. */
export const isWide = (text: string): boolean => /[\ud800-\udbff]/.test(text);

/** Whether the text of a file is there before the transaction that publishes it. */
export const isStagedAhead = (draft: Pick<VersionDraft, 'text'>): boolean => draft.text.length > LONG;

/** As text of JSON. */
export const storedStarts = ({ pageStarts }: Pick<VersionDraft, 'pageStarts'>): string | null =>
  pageStarts && JSON.stringify(pageStarts);

/**
 * Those of these versions that are not published and whose latest run this is, held until the statement ends: the next run
 * begins, and publishes, behind it or before it.
 * @param ids,attempts names of parameters
 */
const latestRuns = (ids: string, attempts: string): string =>
  `latest as materialized (
     select v.id from document_versions v
     where v.id = any(array(select unnest(${ids}::uuid[]))) and v.published_at is null
       and v.read_attempt = (${attempts}::int[])[array_position(${ids}::uuid[], v.id)]
     order by v.id for no key update)`;

/** Versions on their way: written, but nobody's, until a transaction publishes them. */
@Injectable()
export class StagedVersionsRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Writes versions and their passages where no reader can see them yet, in statements short enough that others
   * slip in between: only the switch to them needs a transaction.
   */
  async stage(drafts: readonly TextDraft[]): Promise<void> {
    await this.source.query(
      `insert into document_versions (id, title, mime, byte_size, sha256, metadata, text, language, chunk_count,
                                      file_key, file_name, page_count, page_starts, wide)
       select t.id, t.title, t.mime, t.byte_size, t.sha256, t.metadata::jsonb, t.text, t.language, t.chunk_count,
              t.file_key, t.file_name, t.page_count, t.page_starts::jsonb, t.wide
       from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::int[],
                   $10::text[], $11::text[], $12::int[], $13::text[], $14::boolean[])
         as t (id, title, mime, byte_size, sha256, metadata, text, language, chunk_count, file_key, file_name, page_count,
               page_starts, wide)`,
      [
        drafts.map((d) => d.versionId),
        drafts.map((d) => d.title),
        drafts.map((d) => d.mime),
        drafts.map((d) => d.original?.bytes ?? Buffer.byteLength(d.text)),
        drafts.map((d) => d.original?.sha256 ?? createHash('sha256').update(d.text).digest()),
        drafts.map((d) => JSON.stringify(d.metadata)),
        drafts.map((d) => d.text),
        drafts.map((d) => d.language),
        drafts.map((d) => d.passages.length),
        drafts.map((d) => d.original?.fileKey ?? null),
        drafts.map((d) => d.original?.fileName ?? null),
        drafts.map((d) => d.pages),
        drafts.map((d) => storedStarts(d)),
        drafts.map((d) => isWide(d.text)),
      ],
    );
    await this.stagePassages(drafts);
  }

  /**
   * Passages and long texts of files that are not published yet; what an earlier run left is replaced. A run that was given
   * up writes nothing over what the next one did.
   */
  async stageFiles(files: readonly FileToPublish[]): Promise<void> {
    const runs = [files.map(({ draft }) => draft.versionId), files.map(({ pending }) => pending.attempt)];
    await this.source.query(
      `with ${latestRuns('$1', '$2')}
       delete from chunks where version_id in (select id from latest)`,
      runs,
    );
    await this.stagePassages(
      files.map(({ draft }) => draft),
      runs,
    );
    for (const { pending, draft } of files.filter((file) => isStagedAhead(file.draft))) {
      await this.source.query(
        `update document_versions set text = $3 where id = $1 and read_attempt = $2 and published_at is null`,
        [draft.versionId, pending.attempt, draft.text],
      );
      await sleep(BREATH_MS);
    }
  }

  /** Passages of versions that are not published yet. @param runs of files, which stage only while they are the latest */
  private async stagePassages(drafts: readonly VersionDraft[], runs?: unknown[]): Promise<void> {
    const rows: (PassageDraft & { versionId: string })[] = drafts.flatMap((draft) =>
      draft.passages.map((passage) => ({ ...passage, versionId: draft.versionId })),
    );
    for (let i = 0; i < rows.length; i += CHUNKS_PER_INSERT) {
      const batch = rows.slice(i, i + CHUNKS_PER_INSERT);
      await this.source.query(
        `${runs ? `with ${latestRuns('$11', '$12')}` : ''}
         insert into chunks (id, version_id, ordinal, text, search_text, char_start, char_end, page, heading_path, token_count)
         select t.id, t.version_id, t.ordinal, t.text, t.search_text, t.char_start, t.char_end, t.page,
                array(select jsonb_array_elements_text(t.heading_path::jsonb)), t.token_count
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::text[], $10::int[])
           as t (id, version_id, ordinal, text, search_text, char_start, char_end, page, heading_path, token_count)
         ${runs ? 'where t.version_id in (select id from latest)' : ''}`,
        [
          batch.map((c) => c.id),
          batch.map((c) => c.versionId),
          batch.map((c) => c.ordinal),
          batch.map((c) => c.text),
          batch.map((c) => c.searchText),
          batch.map((c) => c.charStart),
          batch.map((c) => c.charEnd),
          batch.map((c) => c.page),
          batch.map((c) => JSON.stringify(c.headingPath)),
          batch.map((c) => c.tokenCount),
          ...(runs ?? []),
        ],
      );
    }
  }

  /** Takes staged versions away that will not be published. */
  async unstage(versionIds: readonly string[]): Promise<void> {
    await this.source.query(
      'delete from document_versions where id = any($1::uuid[]) and document_id is null',
      [versionIds],
    );
  }
}
