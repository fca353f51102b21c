import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../collections/collections.service.js';
import type { Caller } from '../collections/collections.types.js';
import { AppError } from '../common/errors/app-error.js';
import { DocumentsService } from '../documents/documents.service.js';
import { UserDirectory } from '../users/user-directory.service.js';
import { ADMIN_ROLE } from '../users/users.types.js';
import type { EvaluationRow } from './evaluations.types.js';

/** With whose rights an evaluation runs, and over what: asked again and again while it runs. */
@Injectable()
export class EvaluationScope {
  constructor(
    private readonly users: UserDirectory,
    private readonly collections: CollectionsService,
    private readonly documents: DocumentsService,
  ) {}

  /** @throws AppError `forbidden` where who started it may not do so any more */
  async callerOf({ user_id: userId, admin_access: adminAccess }: EvaluationRow): Promise<Caller> {
    const user = await this.users.get(userId);
    if (!user.isActive || !user.roles.includes(ADMIN_ROLE))
      throw new AppError('forbidden', 'Who started the evaluation is no administrator any more.');
    return { id: userId, roles: user.roles, adminAccess };
  }

  /** How many of these documents are not among those that are searched. */
  async unknown(
    caller: Caller,
    { collection_ids: wanted }: EvaluationRow,
    relevant: { documentIds: readonly string[]; docIds: readonly string[] },
  ): Promise<number> {
    const collectionIds = await this.collections.readableAmong(caller, wanted ?? undefined);
    return this.documents.missing(collectionIds, relevant);
  }
}
