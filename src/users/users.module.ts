import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CollectionsModule } from '../collections/collections.module.js';
import { UserChanges } from './user-changes.service.js';
import { UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity]), CollectionsModule],
  providers: [UsersService, UsersRepository, UserChanges],
  exports: [UsersService, UserChanges],
})
export class UsersModule {}
