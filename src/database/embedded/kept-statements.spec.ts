import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Pool } from 'pg';
import { socketServer } from './socket-server.js';

describe('statements that come again', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'statements-'));
  let engine: PGlite;
  let server: PGLiteSocketServer;
  let pool: Pool;

  beforeAll(async () => {
    engine = await PGlite.create();
    server = socketServer(engine, {
      path: path.join(directory, '.s.PGSQL.5432'),
      maxConnections: 8,
    });
    await server.start();
    pool = new Pool({ host: directory, user: 'postgres', database: 'postgres', max: 4 });
    await pool.query('create table t (id integer primary key, name text)');
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
    await engine.close();
    fs.rmSync(directory, { recursive: true, force: true });
  });

  const planned = async (sql: string): Promise<number> => {
    const { rows } = await engine.query<{ n: number }>(
      'select count(*)::int as n from pg_prepared_statements where statement = $1',
      [sql],
    );
    return rows[0]!.n;
  };

  it('are planned once, whoever sends them, with or without parameters', async () => {
    const withValues = 'select $1::int + $2::int as sum';
    const without = "select 'a text' as value, null as nothing";
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all([pool.query(withValues, [i, 1]), pool.query(without)]);
      expect(answers.map(({ rows }) => rows as unknown)).toEqual([
        [{ sum: i + 1 }],
        [{ value: 'a text', nothing: null }],
      ]);
      expect(answers[1].fields.map((field) => field.name)).toEqual(['value', 'nothing']);
    }
    expect([await planned(withValues), await planned(without)]).toEqual([1, 1]);
  });

  it('tell how many rows they changed, and fail as others do', async () => {
    for (let i = 0; i < 5; i++) {
      const { rowCount } = await pool.query("insert into t values (1, 'one')");
      expect(rowCount).toBe(1);
      await expect(pool.query("insert into t values (1, 'one')")).rejects.toMatchObject({ code: '23505' });
      await expect(pool.query('select * from t where id = $1', ['x'])).rejects.toMatchObject({
        code: '22P02',
      });
      expect((await pool.query('select * from t where id = $1', [1])).rows).toEqual([{ id: 1, name: 'one' }]);
      expect((await pool.query('delete from t')).rowCount).toBe(1);
    }
  });

  it('roll back with their transaction and stay usable', async () => {
    const client = await pool.connect();
    try {
      for (let i = 0; i < 4; i++) {
        await client.query('begin');
        await client.query('insert into t values ($1, $2)', [i, 'in vain']);
        await expect(client.query('select 1 / $1::int', [0])).rejects.toThrow('division by zero');
        await expect(client.query('insert into t values ($1, $2)', [i, 'x'])).rejects.toMatchObject({
          code: '25P02',
        });
        await client.query('rollback');
      }
      expect((await client.query('select count(*)::int as n from t')).rows).toEqual([{ n: 0 }]);
    } finally {
      client.release();
    }
  });

  it('follow a table that changes, and one whose name is given to another', async () => {
    const everything = 'select * from changing order by 1';
    await pool.query('create table changing (a integer)');
    await pool.query('insert into changing values (1)');
    for (let i = 0; i < 4; i++) expect((await pool.query(everything)).rows).toEqual([{ a: 1 }]);
    await pool.query("alter table changing add column b text not null default 'new'");
    for (let i = 0; i < 4; i++) expect((await pool.query(everything)).rows).toEqual([{ a: 1, b: 'new' }]);
    await pool.query('drop table changing');
    await expect(pool.query(everything)).rejects.toMatchObject({ code: '42P01' });
    await pool.query('create table changing (c boolean)');
    for (let i = 0; i < 4; i++) expect((await pool.query(everything)).rows).toEqual([]);
    // Somebody lets go of all plans.
    await pool.query('deallocate all');
    for (let i = 0; i < 4; i++) expect((await pool.query(everything)).rows).toEqual([]);
  });

  it('are not taken for others, and several at once stay several', async () => {
    for (let i = 0; i < 4; i++) {
      const both = (await pool.query('select 1 as a; select 2 as b')) as unknown as { rows: unknown[] }[];
      expect(both.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
      expect((await pool.query("select ';' as semicolon")).rows).toEqual([{ semicolon: ';' }]);
      expect((await pool.query(`select ${i} as n`)).rows).toEqual([{ n: i }]);
    }
  });
});
