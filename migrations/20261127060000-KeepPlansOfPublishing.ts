import type { MigrationInterface, QueryRunner } from 'typeorm';

const FUNCTIONS = [
  'activate_versions(uuid[], varchar)',
  'publish_texts(uuid[], uuid[])',
  'line_up_for_encoder(uuid[])',
];

/**
 * How many versions are named does not change how they are best found, by their ids. The planner takes fewer for cheaper and
 * would make a new plan at every call, which takes longer than the work.
 */
export class KeepPlansOfPublishing20261127060000 implements MigrationInterface {
  name = 'KeepPlansOfPublishing20261127060000';

  async up(runner: QueryRunner): Promise<void> {
    for (const signature of FUNCTIONS)
      await runner.query(`alter function ${signature} set plan_cache_mode = force_generic_plan`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const signature of FUNCTIONS)
      await runner.query(`alter function ${signature} reset plan_cache_mode`);
  }
}
