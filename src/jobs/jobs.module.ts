import { Global, Module } from '@nestjs/common';
import { JobsRepository } from './jobs.repository.js';
import { JobQueue } from './job-queue.service.js';

@Global()
@Module({ providers: [JobQueue, JobsRepository], exports: [JobQueue] })
export class JobsModule {}
