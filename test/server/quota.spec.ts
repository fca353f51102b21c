import { Client, type ServerDocument } from './client.js';
import { migrate, newDatabase, startServer, type ServerDatabase, type ServerProcess } from './support.js';

const UPLOADS = 50;
const FIT = 10;
const BYTES = 20_000;

interface Answer {
  documents?: ServerDocument[];
  code?: string;
}

describe('the quota of a user whose uploads come in at two processes', () => {
  let database: ServerDatabase;
  const running: ServerProcess[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    for (let n = 0; n < 2; n++)
      running.push(
        await startServer({ ...database.env, PROCESS_ROLE: 'api', QUOTA_BYTES: String(FIT * BYTES) }),
      );
    for (const server of running) clients.push(await Client.of(server));
  });
  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await database?.drop();
  });

  const stored = async (): Promise<{ documents: number; bytes: number; counted: number }> => {
    const [row] = await database.source.query<{ documents: number; bytes: number; counted: number }[]>(
      `select count(*)::int as documents, coalesce(sum(v.byte_size), 0)::int as bytes,
              (select bytes::int from user_usage) as counted
       from documents d join document_versions v on v.id = d.latest_version_id where d.deleted_at is null`,
    );
    return row!;
  };
  const send = (name: string, at: Client, key?: string): ReturnType<Client['call']> => {
    const form = new FormData();
    form.set('file', new Blob([name.padEnd(BYTES, '.')]), `${name}.txt`);
    return at.call<Answer>('/documents', form, key === undefined ? {} : { 'idempotency-key': key });
  };

  test('is never exceeded by what is stored', async () => {
    // With a key a file is stored before it is known whether there is room, so all that the processes let in at the
    // same time meets in the database.
    const answers = await Promise.all(
      Array.from({ length: UPLOADS }, (_, i) => send(`file-${i}`, clients[i % 2]!, `key-${i}`)),
    );
    const accepted = answers.filter(({ status }) => status === 202).length;
    for (const { status, body } of answers)
      if (status !== 202) expect([status, (body as Answer).code]).toEqual([413, 'quota_exceeded']);
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThanOrEqual(FIT);
    const bytes = accepted * BYTES;
    expect(await stored()).toEqual({ documents: accepted, bytes, counted: bytes });

    // What one process let in, the other one counts; the last byte is there to be used.
    for (let n = accepted; n < FIT; n++) expect((await send(`later-${n}`, clients[n % 2]!)).status).toBe(202);
    for (const client of clients)
      expect(await send('one-too-many', client)).toMatchObject({
        status: 413,
        body: { code: 'quota_exceeded' },
      });
    expect(await stored()).toEqual({ documents: FIT, bytes: FIT * BYTES, counted: FIT * BYTES });
  });
});
