import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { PersonalData } from '../privacy/personal-data.service.js';

/** All data about a user, piece by piece: it may be more than memory holds. */
@Injectable()
export class AccountExport {
  constructor(
    private readonly data: PersonalData,
    audit: AuditService,
  ) {
    data.contribute({ name: 'activity', read: (actorId) => audit.all({ actorId }) });
  }

  /** The text of one JSON object: `exported_at`, and for each section a list. */
  async *json(userId: string): AsyncGenerator<string> {
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
