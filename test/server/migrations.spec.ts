import { migrate, newDatabase, type ServerDatabase } from './support.js';

const NOT_OURS = `('pg_catalog', 'information_schema', 'pg_toast')`;

/** Everything that migrations make, as text: columns, constraints, indexes, functions. */
async function schemaOf({ source }: ServerDatabase): Promise<string[]> {
  const rows = await source.query<{ line: string }[]>(`
    select table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
           || ' ' || coalesce(column_default, '') as line
    from information_schema.columns where table_schema not in ${NOT_OURS}
    union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(c.oid)
    from pg_constraint c join pg_namespace n on n.oid = connamespace where nspname not in ${NOT_OURS}
    union all select indexdef from pg_indexes where schemaname not in ${NOT_OURS}
    union all select p.oid::regprocedure::text
    from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname not in ${NOT_OURS}
    order by 1`);
  return rows.map(({ line }) => line).filter((line) => !line.includes('schema_migrations'));
}

describe('migrations on a PostgreSQL server', () => {
  let database: ServerDatabase;

  beforeAll(async () => {
    database = await newDatabase();
  });
  afterAll(() => database?.drop());

  test('run, revert to nothing, and run to the same schema again', async () => {
    const empty = await schemaOf(database);
    expect(await migrate(database.env, 'run')).toContain('ran CreateCore');
    const first = await schemaOf(database);
    expect(first.length).toBeGreaterThan(50);
    expect(await migrate(database.env, 'show')).not.toContain('[ ]');

    await migrate(database.env, 'revert', 'all');
    expect(await schemaOf(database)).toEqual(empty);
    expect(await migrate(database.env, 'show')).not.toContain('[x]');

    await migrate(database.env, 'run');
    expect(await schemaOf(database)).toEqual(first);
    expect(await migrate(database.env, 'run')).toContain('nothing to run');
  });

  test('name every constraint', async () => {
    const rows = await database.source.query<{ conname: string }[]>(`
      select conname from pg_constraint c join pg_namespace n on n.oid = connamespace
      where nspname = 'public' and contype <> 'n' and conrelid::regclass::text <> 'schema_migrations'
        and conname ~ '^(PK|FK|UQ|REL|CHK)_[0-9a-f]{20,}$'`);
    expect(rows).toEqual([]);
  });
});
