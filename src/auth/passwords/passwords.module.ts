import { Module } from '@nestjs/common';
import { HashingProcess } from './hashing-process.js';
import { PasswordHasher } from './password-hasher.service.js';
import { PasswordPolicy } from './password-policy.service.js';

@Module({
  providers: [HashingProcess, PasswordHasher, PasswordPolicy],
  exports: [PasswordHasher, PasswordPolicy],
})
export class PasswordsModule {}
