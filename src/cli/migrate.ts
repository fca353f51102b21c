import { loadSettings } from '../config/load-settings.js';
import { withDataSource } from '../database/data-source.js';
import { takeMigrationTurn } from '../database/migration-turn.js';
import { packageVersion, runCommand } from './run-command.js';

const USAGE = 'usage: migrate run | revert [count | all] | show';

await runCommand(async () => {
  const [action, count = '1'] = process.argv.slice(2);
  if (!action || !['run', 'revert', 'show'].includes(action) || !/^(?:all|[1-9]\d{0,3})$/.test(count)) {
    process.stderr.write(`${USAGE}\n`);
    return 64;
  }
  const settings = loadSettings(process.env, packageVersion());
  await withDataSource(settings, async (source) => {
    if (action !== 'show') await takeMigrationTurn(source);
    const say = (line: string): boolean => process.stdout.write(`${line}\n`);
    if (action === 'run') {
      const done = await source.runMigrations();
      say(done.length ? done.map((m) => `ran ${m.name}`).join('\n') : 'nothing to run');
    } else if (action === 'revert') {
      const table = await source.query<{ n: number }[]>('select count(*)::int as n from schema_migrations');
      const there = table[0]?.n ?? 0;
      const wanted = count === 'all' ? there : Math.min(there, Number(count));
      for (let i = 1; i <= wanted; i++) {
        await source.undoLastMigration();
        say(`reverted ${i} of ${wanted}`);
      }
    } else {
      const rows = await source
        .query<{ name: string }[]>('select name from schema_migrations order by id')
        .catch(() => []);
      const ran = new Set(rows.map((row) => row.name));
      for (const migration of source.migrations)
        say(`${ran.has(migration.name ?? '') ? '[x]' : '[ ]'} ${migration.name}`);
    }
  });
  return 0;
});
