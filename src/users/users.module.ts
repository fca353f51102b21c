import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { RolesRepository } from './roles.repository.js';
import { RolesService } from './roles.service.js';
import { UserChanges } from './user-changes.service.js';
import { UserDirectoryRepository } from './user-directory.repository.js';
import { UserDirectory } from './user-directory.service.js';
import { UserEntity } from './user.entity.js';
import { UserDataRepository } from './user-data.repository.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity]), AuditModule, CollectionsModule],
  providers: [
    UsersService,
    UsersRepository,
    UserDataRepository,
    UserChanges,
    UserDirectory,
    UserDirectoryRepository,
    RolesService,
    RolesRepository,
  ],
  exports: [UsersService, UserChanges, UserDirectory, RolesService],
})
export class UsersModule {}
