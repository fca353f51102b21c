import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { KeyScope, Roles } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { AdminHealthDto, DashboardDto } from './admin.dto.js';
import { AdminService } from './admin.service.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin')
export class AdminController {
  constructor(private readonly admin: AdminService) {}

  @Get('health')
  @KeyScope('admin:read')
  @ApiOperation({ summary: 'State of every part, with reasons' })
  @ApiOkResponse({ type: AdminHealthDto })
  health(@CurrentUser() user: AuthUser): Promise<AdminHealthDto> {
    return this.admin.healthFor(user);
  }

  @Get('dashboard')
  @KeyScope('admin:read')
  @ApiOperation({ summary: 'Users, documents, index and jobs in figures' })
  @ApiOkResponse({ type: DashboardDto })
  dashboard(): Promise<DashboardDto> {
    return this.admin.dashboard();
  }
}
