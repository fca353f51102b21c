import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { Places } from '../common/resilience/places.js';
import { PersonalData } from '../privacy/personal-data.service.js';

/** All data about a user, piece by piece: it may be more than memory holds. */
@Injectable()
export class AccountExport {
  /** Each holds texts of documents for as long as its reader takes. */
  private readonly places = new Places(
    { ofAUser: 3, atOnce: 20 },
    { detail: 'Too many exports are running. Try again when one has ended.', retryAfter: 10 },
  );

  constructor(
    private readonly data: PersonalData,
    audit: AuditService,
  ) {
    data.contribute({ name: 'activity', read: (actorId) => audit.all({ actorId }) });
  }

  /**
   * `leave` is to be called when the reader has all, or is gone.
   * @throws AppError `too_many_requests`
   */
  open(userId: string): { json: AsyncIterable<string>; leave: () => void } {
    const leave = this.places.take(userId);
    return { json: this.json(userId), leave };
  }

  /** The text of one JSON object: `exported_at`, and for each section a list. */
  private async *json(userId: string): AsyncGenerator<string> {
    yield `{"exported_at":${JSON.stringify(new Date().toISOString())}`;
    for (const section of this.data.sections()) {
      yield `,\n${JSON.stringify(section.name)}:[`;
      let separator = '\n';
      for await (const item of section.read(userId)) {
        yield separator + JSON.stringify(item);
        separator = ',\n';
      }
      yield ']';
    }
    yield '}\n';
  }
}
