import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitGuard } from './rate-limit.js';
import { RateLimits, type LimitsByClass } from './rate-limits.js';
import { RequestLimits } from './request-limits.service.js';

/**
 * Import it behind the module that authenticates: global guards run in the order of their modules, and the
 * limits count by user.
 */
@Module({})
export class RateLimitModule {
  static with(limits: LimitsByClass): DynamicModule {
    return {
      global: true,
      module: RateLimitModule,
      providers: [
        { provide: RateLimits, useValue: new RateLimits(limits) },
        RequestLimits,
        { provide: APP_GUARD, useClass: RateLimitGuard },
      ],
      exports: [RequestLimits],
    };
  }
}
