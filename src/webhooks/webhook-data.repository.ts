import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** A user's own endpoints, for the export. */
@Injectable()
export class WebhookDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'webhook_endpoints', read: (userId) => this.endpoints(userId) });
  }

  private async *endpoints(userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(
      `select id, url, description, events, collection_id, enabled, disabled_reason, created_at
       from webhook_endpoints where owner_id = $1 order by created_at, id`,
      [userId],
    );
  }
}
