import { Module } from '@nestjs/common';
import { AccountRequestsRepository } from './account-requests.repository.js';
import { AccountRequests } from './account-requests.service.js';

/** Where requests for an address are written down. */
@Module({
  providers: [AccountRequests, AccountRequestsRepository],
  exports: [AccountRequests, AccountRequestsRepository],
})
export class AccountRequestsModule {}
