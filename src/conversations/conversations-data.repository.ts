import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NIL_UUID } from '../common/nil-uuid.js';
import { PersonalData } from '../privacy/personal-data.service.js';

const BATCH = 100;

/** What a user asked and was told, for the export. */
@Injectable()
export class ConversationsDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'conversations', read: (userId) => this.conversations(userId) });
    data.contribute({ name: 'answers', read: (userId) => this.answers(userId) });
  }

  private async *conversations(userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(
      'select id, title, created_at, updated_at from conversations where user_id = $1 order by created_at, id',
      [userId],
    );
  }

  private async *answers(userId: string): AsyncGenerator<object> {
    let after = NIL_UUID;
    for (;;) {
      const rows = await this.source.query<{ id: string }[]>(
        `select a.id, a.conversation_id, a.question, a.standalone, a.answer, a.supported, a.model, a.degraded,
                a.usage, a.citations, a.chunk_ids, a.created_at,
                to_jsonb(f) - 'answer_id' as feedback
         from answers a left join answer_feedback f on f.answer_id = a.id
         where a.user_id = $1 and a.id > $2 order by a.id limit $3`,
        [userId, after, BATCH],
      );
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return;
      after = last.id;
    }
  }
}
