import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';

/** Tokens of a UTC day, `YYYY-MM-DD`: of each user, and of everybody together. */
@Injectable()
export class LlmUsageRepository {
  constructor(private readonly source: DataSource) {}

  /** Adds tokens to the user's day unless `limit` was already reached; the check and the addition are one. */
  async addForUser(
    transaction: Transaction,
    userId: string,
    day: string,
    tokens: number,
    limit: number | null,
  ): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      `insert into llm_user_usage as u (user_id, day, tokens, requests) values ($1, $2, $3, 1)
       on conflict (user_id, day) do update set tokens = u.tokens + excluded.tokens, requests = u.requests + 1
       where $4::bigint is null or u.tokens < $4::bigint
       returning 1`,
      [userId, day, tokens, limit],
    );
    return rows.length === 1;
  }

  /** The same for everybody together. */
  async addForAll(
    transaction: Transaction,
    day: string,
    tokens: number,
    limit: number | null,
  ): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      `insert into llm_daily_usage as d (day, tokens, requests) values ($1, $2, 1)
       on conflict (day) do update set tokens = d.tokens + excluded.tokens, requests = d.requests + 1
       where $3::bigint is null or d.tokens < $3::bigint
       returning 1`,
      [day, tokens, limit],
    );
    return rows.length === 1;
  }

  /** Corrects what was added before. */
  async correct(
    transaction: Transaction,
    userId: string | undefined,
    day: string,
    difference: number,
  ): Promise<void> {
    if (userId !== undefined)
      await transaction.query(
        'update llm_user_usage set tokens = greatest(0, tokens + $3) where user_id = $1 and day = $2',
        [userId, day, difference],
      );
    await transaction.query('update llm_daily_usage set tokens = greatest(0, tokens + $2) where day = $1', [
      day,
      difference,
    ]);
  }

  async used(userId: string, day: string): Promise<number> {
    const [row] = await this.source.query<{ tokens: string }[]>(
      'select tokens from llm_user_usage where user_id = $1 and day = $2',
      [userId, day],
    );
    return Number(row?.tokens ?? 0);
  }

  async purge(before: string): Promise<void> {
    await this.source.query('delete from llm_user_usage where day < $1', [before]);
    await this.source.query('delete from llm_daily_usage where day < $1', [before]);
  }
}
