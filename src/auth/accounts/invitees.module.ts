import { Global, Module } from '@nestjs/common';
import { Invitees } from '../../collections/grants/invitees.port.js';
import { AuthModule } from '../auth.module.js';
import { InvitedByGrant } from './invited-by-grant.service.js';

@Global()
@Module({
  imports: [AuthModule],
  providers: [{ provide: Invitees, useClass: InvitedByGrant }],
  exports: [Invitees],
})
export class InviteesModule {}
