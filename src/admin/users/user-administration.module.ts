import { Module } from '@nestjs/common';
import { AccountModule } from '../../account/account.module.js';
import { AuthModule } from '../../auth/auth.module.js';
import { MfaModule } from '../../auth/mfa/mfa.module.js';
import { GrantsModule } from '../../collections/grants/grants.module.js';
import { UsersModule } from '../../users/users.module.js';
import { ManagedUsers } from './managed-users.service.js';
import { RolesController } from './roles.controller.js';
import { UserAccess } from './user-access.service.js';
import { UsersController } from './users.controller.js';

@Module({
  imports: [AccountModule, AuthModule, MfaModule, GrantsModule, UsersModule],
  controllers: [UsersController, RolesController],
  providers: [ManagedUsers, UserAccess],
})
export class UserAdministrationModule {}
