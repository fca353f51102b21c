import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import type { LlmClient } from './llm-client.port.js';
import { LlmController } from './llm.controller.js';
import { LlmService } from './llm.service.js';

@Module({
  controllers: [LlmController],
  providers: [
    {
      provide: LlmService,
      inject: [Settings],
      useFactory: async (settings: Settings): Promise<LlmService> =>
        new LlmService(await createClient(settings)),
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
