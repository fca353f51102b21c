import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../common/security/auth-user.js';
import { DocumentsService } from '../documents/documents.service.js';
import { HealthService } from '../health/health.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { UsersService } from '../users/users.service.js';
import type { AdminHealthDto, DashboardDto } from './admin.dto.js';
import { IndexFigures } from './index-figures.service.js';

@Injectable()
export class AdminService {
  constructor(
    private readonly health: HealthService,
    private readonly users: UsersService,
    private readonly documents: DocumentsService,
    private readonly index: IndexFigures,
    private readonly jobs: JobQueue,
  ) {}

  async healthFor(user: AuthUser): Promise<AdminHealthDto> {
    const parts = await this.health.parts();
    return {
      ok: this.health.isReady(parts),
      user: { id: user.id, username: user.username ?? user.email, roles: [...user.roles] },
      parts,
    };
  }

  async dashboard(): Promise<DashboardDto> {
    const [users, documents, index, jobs] = await Promise.all([
      this.users.count(),
      this.documents.counts(),
      this.index.figures(),
      this.jobs.counts(),
    ]);
    return {
      users,
      documents: {
        total: documents.documents,
        failed: documents.failed,
        pending: documents.pending,
        bytes: Number(documents.bytes),
      },
      index: { chunks: documents.chunks, ...index },
      jobs,
      uptime_seconds: Math.round(process.uptime()),
    };
  }
}
