import {
  eventually,
  migrate,
  newDatabase,
  runToEnd,
  startServer,
  vectorStore,
  type ServerDatabase,
} from './support.js';

/** What an operator sees: exactly one line. */
const oneLine = (text: string): string => {
  const lines = text.trim().split('\n');
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
};

describe('starting on a PostgreSQL server', () => {
  let database: ServerDatabase;

  beforeAll(async () => {
    database = await newDatabase();
  });
  afterAll(() => database?.drop());

  const refused = async (env: Record<string, string>): Promise<{ code: number | null; line: string }> => {
    const { code, stderr } = await runToEnd('dist/main.js', [], { ...database.env, PORT: '0', ...env });
    return { code, line: oneLine(stderr) };
  };

  test('refuses while a migration is pending, and makes no table of ours', async () => {
    const { code, line } = await refused({});
    expect(code).toBe(1);
    expect(line).toContain('a database migration is pending');
    expect(line).toContain('npm run migration:run');
    const [row] = await database.source.query<{ n: number }[]>(
      `select count(*)::int as n from information_schema.tables where table_schema = 'public'
         and table_name <> 'schema_migrations'`,
    );
    expect(row).toEqual({ n: 0 });
  });

  test.each(['JWT_SECRET', 'REFRESH_SECRET', 'CSRF_SECRET', 'DATA_ENCRYPTION_KEY'])(
    'refuses without %s',
    async (name) => {
      const { code, line } = await refused({ [name]: '' });
      expect(code).toBe(78);
      expect(line).toContain(`${name} is required in strict mode`);
    },
  );

  test('refuses a database that cannot be reached', async () => {
    const { code, line } = await refused({ DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none_test' });
    expect(code).toBe(1);
    expect(line).toContain('cannot reach the database');
  });

  test('commands say the same of it', async () => {
    const env = { ...database.env, DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none_test' };
    const { code, stderr } = await runToEnd('dist/cli/migrate.js', ['run'], env);
    expect([code, oneLine(stderr)]).toEqual([1, expect.stringContaining('cannot reach the database')]);
  });

  describe('with a current schema', () => {
    beforeAll(() => migrate(database.env, 'run'));

    test('starts, reports itself ready, and ends in order', async () => {
      const server = await startServer({ ...database.env, LOG_LEVEL: 'warn' });
      try {
        const ready = await eventually('the server is ready', 180, async () => {
          const response = await fetch(`${server.url}/health/ready`);
          return response.ok ? response.json() : undefined;
        });
        expect(ready).toMatchObject({
          parts: { database: { status: 'up' }, vector_store: { status: 'up' } },
        });
        expect(server.printed()).not.toContain('newer version');
      } finally {
        expect(await server.stop()).toBe(0);
      }
    });

    test('says that a newer version has changed the database', async () => {
      await database.source.query(
        `insert into schema_migrations (timestamp, name) values (20991231000000, 'Later20991231000000')`,
      );
      const server = await startServer({ ...database.env, LOG_LEVEL: 'warn' });
      try {
        expect(server.printed()).toContain('a newer version has changed the database (Later20991231000000)');
      } finally {
        await server.stop();
        await database.source.query(`delete from schema_migrations where name = 'Later20991231000000'`);
      }
    });

    if (vectorStore === 'chroma')
      test('refuses a server without pgvector when no CHROMA_URL is set, and says what to add', async () => {
        const { code, line } = await refused({ CHROMA_URL: '' });
        expect(code).toBe(1);
        expect(line).toContain('pgvector');
        expect(line).toContain('CHROMA_URL');
      });
  });
});
