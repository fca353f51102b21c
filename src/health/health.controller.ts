import { timingSafeEqual } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Principal } from '../auth/auth.types.js';
import { AdminFactor } from '../auth/guards/admin-factor.service.js';
import { AppError } from '../common/errors/app-error.js';
import { ApiProblems } from '../common/http/api-problems.js';
import { LenientUser, Public } from '../common/security/access.js';
import { CurrentUser } from '../common/security/current-user.js';
import { Settings } from '../config/settings.js';
import { LiveDto, ReadyDto, RootDto } from './health.dto.js';
import { HealthService } from './health.service.js';
import { MetricsService } from './metrics.service.js';

@ApiTags('Health')
@ApiProblems('too_many_requests')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsService,
    private readonly settings: Settings,
    private readonly factor: AdminFactor,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Say that the server runs' })
  @ApiOkResponse({ type: RootDto })
  root(): RootDto {
    return { status: 'running', message: 'AI Backend Ready', version: this.settings.packageVersion };
  }

  @Get('health/live')
  @Public()
  @ApiOperation({ summary: 'Whether the process answers' })
  @ApiOkResponse({ type: LiveDto })
  live(): LiveDto {
    return { status: 'live' };
  }

  @Get('health/ready')
  @LenientUser()
  @ApiOperation({
    summary: 'Whether each part works',
    description:
      'The reasons are shown to admins only, with a second factor where REQUIRE_MFA_FOR_ADMINS is on.',
  })
  @ApiOkResponse({ type: ReadyDto })
  @ApiServiceUnavailableResponse({ type: ReadyDto })
  async ready(
    @CurrentUser() user: Principal | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReadyDto> {
    const parts = await this.health.parts();
    const ready = this.health.isReady(parts);
    response.status(ready ? 200 : 503);
    return ReadyDto.of(parts, ready, this.factor.actsAsAdmin(user));
  }

  @Get('metrics')
  @Public()
  @ApiOperation({
    summary: 'Prometheus metrics',
    description: 'With METRICS_TOKEN as bearer token, or without one from loopback.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('not_found')
  async printMetrics(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.mayReadMetrics(request)) throw new AppError('not_found', 'There is no such route.');
    response.setHeader('Content-Type', this.metrics.contentType);
    response.send(await this.metrics.print());
  }

  private mayReadMetrics(request: Request): boolean {
    const token = this.settings.metricsToken;
    // The socket's own address: a forwarded header must not make anybody local, and a proxy is not who asks.
    if (token === undefined)
      return (
        /^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '') &&
        !['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some((name) => name in request.headers)
      );
    const given = Buffer.from(request.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}
