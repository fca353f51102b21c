import { PGlite } from '@electric-sql/pglite';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Pool } from 'pg';
import { socketServer } from './socket-server.js';

test('queries that wait for a transaction each get their own answer', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'exchanges-'));
  const engine = await PGlite.create();
  const server = socketServer(engine, {
    path: path.join(directory, '.s.PGSQL.5432'),
    maxConnections: 8,
  });
  await server.start();
  const pool = new Pool({ host: directory, user: 'postgres', database: 'postgres', max: 6 });
  try {
    const transactions = (async () => {
      const client = await pool.connect();
      for (let i = 0; i < 30; i++) {
        await client.query('begin');
        await new Promise((resolve) => setTimeout(resolve, 3));
        await client.query(i % 2 === 0 ? 'commit' : 'rollback');
      }
      client.release();
    })();
    const queries = [0, 1, 2, 3].map(async (worker) => {
      for (let i = 0; i < 60; i++) {
        const { rows } = await pool.query<{ x: number }>(`select $1::int + ${worker} as x`, [i * 10]);
        expect(rows).toEqual([{ x: i * 10 + worker }]);
        await expect(pool.query('select 1 / $1::int', [0])).rejects.toThrow('division by zero');
      }
    });
    await Promise.all([transactions, ...queries]);
  } finally {
    await pool.end();
    await server.stop();
    await engine.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
});
