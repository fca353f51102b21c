import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deleteInPieces, PIECE } from '../database/delete-in-pieces.js';
import type { Transaction } from '../database/transaction.types.js';
import type {
  AnswerRow,
  Feedback,
  JudgedQuestion,
  NewAnswer,
  NewFeedback,
  Turn,
} from './conversations.types.js';

const SELECT = `
  select a.id, a.conversation_id, a.question, a.standalone, a.answer, a.supported, a.model, a.degraded, a.usage,
         a.citations, a.chunk_ids, a.created_at,
         case when f.answer_id is null then null else
           jsonb_build_object('helpful', f.helpful, 'chunk_id', f.chunk_id, 'comment', f.comment,
                              'updated_at', f.updated_at) end as feedback
  from answers a left join answer_feedback f on f.answer_id = a.id`;

interface PageOptions {
  conversationId?: string;
  limit: number;
  after: { at: string; id: string } | undefined;
  oldestFirst: boolean;
}

/** Answers, each of one user: every statement says whose. */
@Injectable()
export class AnswersRepository {
  constructor(private readonly source: DataSource) {}

  /** Stores an answer; in a conversation only while that is the user's, or where it begins one. */
  async insert(transaction: Transaction, answer: NewAnswer): Promise<void> {
    // Of two first turns at once, the second waits here for the first and joins its conversation.
    if (answer.begins !== undefined)
      await transaction.query(
        'insert into conversations (id, user_id, title) values ($1, $2, $3) on conflict (id) do nothing',
        [answer.conversation_id, answer.userId, answer.begins],
      );
    if (answer.conversation_id !== null)
      await transaction.query('update conversations set updated_at = now() where id = $1 and user_id = $2', [
        answer.conversation_id,
        answer.userId,
      ]);
    await transaction.query(
      `insert into answers (id, user_id, conversation_id, question, standalone, answer, supported, model, degraded,
                            usage, citations, chunk_ids)
       select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text, $7::boolean, $8::varchar, $9::text[],
              $10::jsonb, $11::jsonb, $12::uuid[]
       where $3::uuid is null or exists (select from conversations c where c.id = $3::uuid and c.user_id = $2::uuid)`,
      [
        answer.id,
        answer.userId,
        answer.conversation_id,
        answer.question,
        answer.standalone,
        answer.answer,
        answer.supported,
        answer.model,
        answer.degraded,
        answer.usage && JSON.stringify(answer.usage),
        JSON.stringify(answer.citations),
        answer.chunk_ids,
      ],
    );
  }

  async find(userId: string, id: string): Promise<AnswerRow | undefined> {
    const rows = await this.source.query<AnswerRow[]>(`${SELECT} where a.id = $1 and a.user_id = $2`, [
      id,
      userId,
    ]);
    return rows[0];
  }

  async page(userId: string, options: PageOptions): Promise<AnswerRow[]> {
    const order = options.oldestFirst ? 'asc' : 'desc';
    return this.source.query<AnswerRow[]>(
      `${SELECT} where a.user_id = $1 and ($5::uuid is null or a.conversation_id = $5::uuid)
         and ($3::timestamptz is null or (a.created_at, a.id)
              ${options.oldestFirst ? '>' : '<'} ($3::timestamptz, $4::uuid))
       order by a.created_at ${order}, a.id ${order} limit $2`,
      [
        userId,
        options.limit,
        options.after?.at ?? null,
        options.after?.id ?? null,
        options.conversationId ?? null,
      ],
    );
  }

  /** The last turns of a conversation, oldest first. */
  async turns(userId: string, conversationId: string, limit: number): Promise<Turn[]> {
    const rows = await this.source.query<Turn[]>(
      `select question, coalesce(standalone, question) as standalone, answer, supported from answers
       where conversation_id = $1 and user_id = $2 order by created_at desc, id desc limit $3`,
      [conversationId, userId, limit],
    );
    return rows.toReversed();
  }

  async delete(userId: string, id: string): Promise<boolean> {
    const rows = await this.source.query<[unknown[], number]>(
      'delete from answers where id = $1 and user_id = $2 returning 1',
      [id, userId],
    );
    return rows[1] === 1;
  }

  /** Replaces what was said before; undefined when there is no such answer of this user. */
  async saveFeedback(userId: string, id: string, feedback: NewFeedback): Promise<Feedback | undefined> {
    const rows = await this.source.query<Feedback[]>(
      `insert into answer_feedback (answer_id, helpful, chunk_id, document_id, external_id, comment)
       select a.id, $3::boolean, $4::uuid, $5::uuid, $6::varchar, $7::varchar from answers a
       where a.id = $1::uuid and a.user_id = $2::uuid
       on conflict (answer_id) do update set helpful = excluded.helpful, chunk_id = excluded.chunk_id,
         document_id = excluded.document_id, external_id = excluded.external_id, comment = excluded.comment,
         updated_at = now()
       returning helpful, chunk_id, comment, updated_at`,
      [
        id,
        userId,
        feedback.helpful,
        feedback.passage?.chunkId ?? null,
        feedback.passage?.documentId ?? null,
        feedback.passage?.docId ?? null,
        feedback.comment,
      ],
    );
    return rows[0];
  }

  /** Questions with a judgement, newest first, of all users and without their names. */
  judged(limit: number, since: Date | undefined): Promise<JudgedQuestion[]> {
    return this.source.query<JudgedQuestion[]>(
      `select a.id as answer_id, coalesce(a.standalone, a.question) as question, f.helpful, f.chunk_id,
              f.document_id, f.external_id, a.citations, f.updated_at
       from answer_feedback f join answers a on a.id = f.answer_id
       where $2::timestamptz is null or f.updated_at >= $2::timestamptz
       order by f.updated_at desc, f.answer_id limit $1`,
      [limit, since ?? null],
    );
  }

  /** Removes what is older than so many seconds, conversations that then are empty, and a user's oldest beyond `most`. */
  async purge(seconds: number, most: number): Promise<void> {
    await deleteInPieces(
      this.source,
      `delete from answers where id = any(array(
         select id from answers where created_at < now() - make_interval(secs => $1) limit ${PIECE}))`,
      [seconds],
    );
    await deleteInPieces(
      this.source,
      `delete from conversations where id = any(array(
         select c.id from conversations c where c.updated_at < now() - make_interval(secs => $1)
           and not exists (select from answers a where a.conversation_id = c.id) limit ${PIECE}))`,
      [seconds],
    );
    await deleteInPieces(
      this.source,
      `delete from answers where id = any(array(
         select id from (
           select id, row_number() over (partition by user_id order by created_at desc, id desc) as place
           from answers where user_id in (select user_id from answers group by user_id having count(*) > $1)
         ) ranked where place > $1 limit ${PIECE}))`,
      [most],
    );
  }
}
