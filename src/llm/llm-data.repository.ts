import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** How much of the language model a user has used, for the export. */
@Injectable()
export class LlmDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'llm_usage', read: (userId) => this.usage(userId) });
  }

  private async *usage(userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(
      `select day::text as day, tokens::float8 as tokens, requests from llm_user_usage
       where user_id = $1 order by day`,
      [userId],
    );
  }
}
