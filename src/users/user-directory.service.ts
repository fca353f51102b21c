import { Injectable } from '@nestjs/common';
import { notFound } from '../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import type { DirectoryFilter, DirectoryUser } from './user-directory.types.js';
import { UserDirectoryRepository } from './user-directory.repository.js';

/** All accounts, for administrators. */
@Injectable()
export class UserDirectory {
  constructor(private readonly repository: UserDirectoryRepository) {}

  /** Oldest first. @throws AppError `invalid_cursor` */
  async page(
    filter: DirectoryFilter,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<DirectoryUser>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(filter, decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.createdAt.toISOString(), row.id],
      (row) => row,
    );
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<DirectoryUser> {
    const user = await this.repository.find(id);
    if (!user) throw notFound('user');
    return user;
  }
}
