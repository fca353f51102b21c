import { Module } from '@nestjs/common';
import { CollectionsController } from './collections.controller.js';
import { CollectionsDataRepository } from './collections-data.repository.js';
import { CollectionsRepository } from './collections.repository.js';
import { CollectionsService } from './collections.service.js';

@Module({
  controllers: [CollectionsController],
  providers: [CollectionsService, CollectionsRepository, CollectionsDataRepository],
  exports: [CollectionsService],
})
export class CollectionsModule {}
