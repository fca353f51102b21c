import { Injectable } from '@nestjs/common';
import { Upkeep } from '../common/upkeep.js';
import { LlmUsageRepository } from './llm-usage.repository.js';
import { usageDay } from './usage-day.js';

const KEEP_DAYS = 40;

/** Forgets what was used on days that no budget counts any more. */
@Injectable()
export class LlmUsageCleanup extends Upkeep {
  constructor(private readonly repository: LlmUsageRepository) {
    super();
  }

  protected tidy(): Promise<void> {
    return this.repository.purge(usageDay(-KEEP_DAYS));
  }
}
