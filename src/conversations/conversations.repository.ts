import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ConversationRow } from './conversations.types.js';

const SELECT = `
  select c.id, c.title, c.created_at, c.updated_at,
         (select count(*)::int from answers a where a.conversation_id = c.id) as turns
  from conversations c`;

/** Conversations, each of one user: every statement says whose. */
@Injectable()
export class ConversationsRepository {
  constructor(private readonly source: DataSource) {}

  /** Makes it, unless a request that is repeated after its answer was lost has made it before. */
  async insert(userId: string, id: string, title: string | null): Promise<void> {
    await this.source.query(
      'insert into conversations (id, user_id, title) values ($1, $2, $3) on conflict (id) do nothing',
      [id, userId, title],
    );
  }

  /** Whether anybody has a conversation of this id. */
  async exists(id: string): Promise<boolean> {
    const rows = await this.source.query<unknown[]>('select from conversations where id = $1', [id]);
    return rows.length > 0;
  }

  async find(userId: string, id: string): Promise<ConversationRow | undefined> {
    const rows = await this.source.query<ConversationRow[]>(`${SELECT} where c.id = $1 and c.user_id = $2`, [
      id,
      userId,
    ]);
    return rows[0];
  }

  /** The ones used last first. */
  async page(
    userId: string,
    limit: number,
    after: { at: string; id: string } | undefined,
  ): Promise<ConversationRow[]> {
    return this.source.query<ConversationRow[]>(
      `${SELECT} where c.user_id = $1
         and ($3::timestamptz is null or (c.updated_at, c.id) < ($3::timestamptz, $4::uuid))
       order by c.updated_at desc, c.id desc limit $2`,
      [userId, limit, after?.at ?? null, after?.id ?? null],
    );
  }

  async count(userId: string): Promise<number> {
    const [row] = await this.source.query<{ n: number }[]>(
      'select count(*)::int as n from conversations where user_id = $1',
      [userId],
    );
    return row?.n ?? 0;
  }

  async rename(userId: string, id: string, title: string | null): Promise<boolean> {
    const rows = await this.source.query<[unknown[], number]>(
      'update conversations set title = $3 where id = $1 and user_id = $2 returning 1',
      [id, userId, title],
    );
    return rows[1] === 1;
  }

  async delete(userId: string, id: string): Promise<boolean> {
    const rows = await this.source.query<[unknown[], number]>(
      'delete from conversations where id = $1 and user_id = $2 returning 1',
      [id, userId],
    );
    return rows[1] === 1;
  }

  async deleteAll(userId: string): Promise<void> {
    await this.source.query('delete from conversations where user_id = $1', [userId]);
  }
}
