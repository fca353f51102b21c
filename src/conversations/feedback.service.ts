import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CollectionsService } from '../collections/collections.service.js';
import type { Caller } from '../collections/collections.types.js';
import { notFound } from '../common/errors/app-error.js';
import { DocumentsService } from '../documents/documents.service.js';
import type { PassageRow } from '../documents/documents.types.js';
import { AnswersService } from './answers.service.js';
import type { Feedback, JudgedQuestion, QuerySet } from './conversations.types.js';

/** Of an export; the newest judgements count. */
const MAX_EXPORTED = 10_000;

/** What users say about answers, and the query set that comes of it. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly answers: AnswersService,
    private readonly collections: CollectionsService,
    private readonly documents: DocumentsService,
    private readonly audit: AuditService,
  ) {}

  /** @throws AppError `not_found` for an answer or a passage that the caller may not see */
  async judge(
    caller: Caller,
    answerId: string,
    said: { helpful: boolean; chunkId?: string | undefined; comment?: string | undefined },
  ): Promise<Feedback> {
    const { helpful, chunkId, comment = null } = said;
    if (caller.onlyCollections) await this.requireReadable(caller, answerId);
    const passage = chunkId === undefined ? null : await this.readable(caller, chunkId);
    return this.answers.judge(caller.id, answerId, { helpful, passage, comment });
  }

  /**
   * Questions and the documents that answer them, as users said: the passage they named, else what a helpful
   * answer cites (1), and what an unhelpful one cites (0). Nobody's name is in it; that it was read is recorded.
   */
  async querySet(admin: Caller, since: Date | undefined): Promise<QuerySet> {
    const judged = await this.answers.judged(MAX_EXPORTED, since);
    await this.audit.record(undefined, {
      action: 'feedback.exported',
      actorId: admin.id,
      details: { questions: judged.length },
    });
    return toQuerySet(judged);
  }

  /** A credential that is limited to collections knows of the answers that came from there alone, as those to it did. */
  private async requireReadable(caller: Caller, answerId: string): Promise<void> {
    const { chunk_ids } = await this.answers.require(caller.id, answerId);
    const rows = await this.passages(caller, chunk_ids);
    if (chunk_ids.length === 0 || !chunk_ids.every((id) => rows.has(id))) throw notFound('answer');
  }

  private async passages(caller: Caller, chunkIds: readonly string[]): Promise<Map<string, PassageRow>> {
    return this.documents.passages(chunkIds, {
      userId: caller.id,
      adminAccess: caller.adminAccess ?? false,
      collectionIds: await this.collections.accessibleIds(caller),
    });
  }

  private async readable(
    caller: Caller,
    chunkId: string,
  ): Promise<{ chunkId: string; documentId: string; docId: string }> {
    const row = (await this.passages(caller, [chunkId])).get(chunkId);
    if (!row) throw notFound('passage');
    return { chunkId, documentId: row.document_id, docId: row.external_id };
  }
}

function toQuerySet(judged: readonly JudgedQuestion[]): QuerySet {
  const set: QuerySet = { queries: [], judgements: [] };
  for (const row of judged) {
    const relevance = new Map<string, QuerySet['judgements'][number]>();
    const add = (documentId: string, docId: string, chunkId: string, value: 0 | 1): void => {
      if (!relevance.has(documentId))
        relevance.set(documentId, {
          query_id: row.answer_id,
          document_id: documentId,
          doc_id: docId,
          chunk_id: chunkId,
          relevance: value,
        });
    };
    if (row.document_id && row.external_id && row.chunk_id)
      add(row.document_id, row.external_id, row.chunk_id, 1);
    // A user who names another passage may still have found the answer helpful.
    for (const { document_id, doc_id, chunk_id } of row.citations)
      add(document_id, doc_id, chunk_id, row.helpful ? 1 : 0);
    if (relevance.size === 0) continue;
    set.queries.push({ id: row.answer_id, text: row.question });
    set.judgements.push(...relevance.values());
  }
  return set;
}
