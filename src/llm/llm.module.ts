import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { GeminiClient } from './adapters/gemini/gemini-client.js';
import { LlmController } from './llm.controller.js';
import { LlmService } from './llm.service.js';

@Module({
  controllers: [LlmController],
  providers: [
    {
      provide: LlmService,
      inject: [Settings],
      useFactory: (settings: Settings): LlmService =>
        new LlmService(
          settings.llm === 'gemini' && settings.googleApiKey
            ? new GeminiClient({
                apiKey: settings.googleApiKey,
                model: settings.geminiModel,
                baseUrl: settings.geminiBaseUrl,
              })
            : null,
        ),
    },
  ],
  exports: [LlmService],
})
export class LlmModule {}
