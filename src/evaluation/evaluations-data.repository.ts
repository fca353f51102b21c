import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** The evaluations that an administrator started, for the export of own data. */
@Injectable()
export class EvaluationsDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'evaluations', read: (userId) => this.evaluations(userId) });
  }

  private async *evaluations(userId: string): AsyncGenerator<object> {
    const ids = await this.source.query<{ id: string }[]>(
      'select id from evaluations where user_id = $1 order by created_at, id',
      [userId],
    );
    for (const { id } of ids)
      // Questions that others asked, and an administrator took from their feedback, are theirs.
      yield* await this.source.query<object[]>(
        `select e.id, e.name, e.source, e.mode, e.collection_ids, e.status, e.metrics, e.created_at,
                (select coalesce(jsonb_agg(jsonb_build_object('id', q.query_id, 'text', q.text) order by q.ordinal), '[]')
                 from evaluation_queries q where q.evaluation_id = e.id and e.source = 'inline') as queries
         from evaluations e where e.id = $1`,
        [id],
      );
  }
}
