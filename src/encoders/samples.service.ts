import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../collections/collections.service.js';
import type { Caller } from '../collections/collections.types.js';
import { AppError, type FieldError } from '../common/errors/app-error.js';
import { DocumentsService } from '../documents/documents.service.js';
import type { JudgedQuery, Sample, SampleRequest } from './encoders.types.js';

const MOST_ERRORS = 20;

/** Queries with documents that the caller may read: nobody learns by a comparison what is in others. */
@Injectable()
export class Samples {
  constructor(
    private readonly collections: CollectionsService,
    private readonly documents: DocumentsService,
  ) {}

  /** @throws AppError `not_found` for a collection, `validation_failed` for a document that may not be read */
  async resolve(caller: Caller, { collectionIds, queries }: SampleRequest): Promise<Sample> {
    const scope = await this.collections.readableAmong(caller, collectionIds);
    const names = [...new Set(queries.flatMap(({ relevant }) => relevant.map(({ docId }) => docId)))];
    const ids = new Map<string, string[]>();
    for (const { id, external_id } of await this.documents.named(names, scope))
      ids.set(external_id, [...(ids.get(external_id) ?? []), id]);
    const errors: FieldError[] = [];
    const judged = queries.map(({ query, relevant }, i): JudgedQuery => {
      const grades: Record<string, number> = {};
      relevant.forEach(({ docId, grade }, j) => {
        const found = ids.get(docId);
        if (!found)
          errors.push({
            field: `sample.queries.${i}.relevant.${j}.doc_id`,
            code: 'not_found',
            detail: 'There is no such document in the collections of the sample.',
          });
        for (const id of found ?? []) grades[id] = grade;
      });
      return { query, relevant: grades };
    });
    if (errors.length > 0)
      throw new AppError('validation_failed', 'The sample names documents that cannot be found.', {
        errors: errors.slice(0, MOST_ERRORS),
      });
    return { collectionIds: scope, queries: judged };
  }
}
