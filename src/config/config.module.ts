import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DataEncryption } from './data-encryption.service.js';
import { Settings } from './settings.js';

/** Hands the settings that were parsed before Nest started to whoever asks for `Settings`. */
@Global()
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: Settings, useValue: settings }, DataEncryption],
      exports: [Settings, DataEncryption],
    };
  }
}
