import type { DataSource } from 'typeorm';
import { forgetRetirements } from '../../../database/index-log.js';
import type { LexicalDifference, LexicalDocument } from '../../lexical.types.js';
import type { PreparedLexicalWrite } from '../../lexical-index.port.js';
import { activeVersions, readDocuments, stillActive } from '../stored-documents.js';
import { LEVELS, NAMED } from './tables.js';

/** Words of versions that are gone, and of passages that their version does not have. */
const INVISIBLE = {
  document: `not exists (
    select from documents d where d.id = t.document_id
      and t.version_id in (d.active_version_id, d.latest_version_id) and d.deleted_at is null)`,
  chunk: `not exists (
    select from chunks c join documents d on d.id = t.document_id
    where c.id = t.chunk_id and c.version_id = t.version_id
      and t.version_id in (d.active_version_id, d.latest_version_id) and d.deleted_at is null)`,
};

/** Keeps the words in step with the versions that are shown. */
export class WordsUpkeep {
  constructor(
    private readonly dataSource: DataSource,
    private readonly prepare: (documents: readonly LexicalDocument[]) => Promise<PreparedLexicalWrite>,
  ) {}

  /** What was replaced or deleted in the ordinary way stays until the next time that this mends: it is no orphan. */
  async compare(mend: boolean, signal: AbortSignal): Promise<LexicalDifference> {
    const orphans = await this.orphans();
    if (mend) await this.removeInvisible();
    const missing: string[] = [];
    for await (const page of activeVersions(this.dataSource)) {
      signal.throwIfAborted();
      const found = await stillActive(this.dataSource, await this.lacking(page));
      if (mend) await this.index(found);
      missing.push(...found);
    }
    return { missing, orphans };
  }

  async rebuild(): Promise<void> {
    for await (const page of activeVersions(this.dataSource)) await this.index(page);
    await this.removeInvisible();
  }

  private async lacking(versionIds: readonly string[]): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      `select active.id from unnest($1::uuid[]) as active (id)
       where not exists (select from ${LEVELS.document.table} t where t.version_id = active.id)
          or not exists (select from ${NAMED.table} t where t.version_id = active.id)
          or exists (
            select from chunks c where c.version_id = active.id
              and not exists (
                select from ${LEVELS.chunk.table} t where t.chunk_id = c.id and t.version_id = active.id))`,
      [versionIds],
    );
    return rows.map(({ id }) => id);
  }

  private async orphans(): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      `select id from (
         select t.version_id as id from ${LEVELS.document.table} t where ${INVISIBLE.document}
         union select t.version_id from ${LEVELS.chunk.table} t where ${INVISIBLE.chunk}) stray
       where not exists (select from retired_versions r where r.version_id = stray.id)`,
    );
    return rows.map(({ id }) => id);
  }

  private async index(versionIds: readonly string[]): Promise<void> {
    for await (const documents of readDocuments(this.dataSource, versionIds)) {
      const write = await this.prepare(documents);
      await this.dataSource.transaction((transaction) => write.store(transaction));
    }
  }

  private async removeInvisible(): Promise<void> {
    for (const level of ['document', 'chunk'] as const)
      await this.dataSource.query(`delete from ${LEVELS[level].table} t where ${INVISIBLE[level]}`);
    await this.dataSource.query(`delete from ${NAMED.table} t where ${INVISIBLE.document}`);
    // Of no words any more, and other processes have removed the vectors.
    await forgetRetirements(this.dataSource);
  }
}
