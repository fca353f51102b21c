import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { LlmBudget } from './llm-budget.service.js';
import { LlmDataRepository } from './llm-data.repository.js';
import type { LlmClient } from './llm-client.port.js';
import type { LlmLimits } from './llm-traffic.js';
import { LlmUsageCleanup } from './llm-usage-cleanup.service.js';
import { LlmUsageRepository } from './llm-usage.repository.js';
import { LlmController } from './llm.controller.js';
import { LlmService } from './llm.service.js';

@Module({
  controllers: [LlmController],
  providers: [
    LlmBudget,
    LlmUsageCleanup,
    LlmUsageRepository,
    LlmDataRepository,
    {
      provide: LlmService,
      inject: [Settings, LlmBudget],
      useFactory: async (settings: Settings, budget: LlmBudget): Promise<LlmService> =>
        new LlmService(await createClient(settings), {
          budget,
          limits: limitsOf(settings),
          maxOutputTokens: settings.llmMaxOutputTokens,
        }),
    },
  ],
  exports: [LlmService],
})
export class LlmModule {}

/** The SDK is loaded only where it is used: it is a good part of the memory of a server without a model. */
async function createClient({
  llm,
  googleApiKey,
  geminiModel,
  geminiBaseUrl,
}: Settings): Promise<LlmClient | null> {
  if (llm !== 'gemini' || !googleApiKey) return null;
  const { GeminiClient } = await import('./adapters/gemini/gemini-client.js');
  return new GeminiClient({ apiKey: googleApiKey, model: geminiModel, baseUrl: geminiBaseUrl });
}

const limitsOf = (settings: Settings): Partial<LlmLimits> => ({
  concurrency: settings.llmConcurrency,
  concurrencyPerUser: settings.llmConcurrencyPerUser,
  firstToken: settings.llmFirstTokenTimeout * 1000,
  stall: settings.llmStallTimeout * 1000,
  total: settings.llmTimeout * 1000,
  pause: settings.llmPause * 1000,
});
