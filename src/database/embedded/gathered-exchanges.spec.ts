import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Pool } from 'pg';
import { gatherExchanges } from './gathered-exchanges.js';
import { socketServer } from './socket-server.js';

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const message = (kind: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(kind), int32(4 + body.length), body]);
};
const startup = ((body: Buffer) => Buffer.concat([int32(4 + body.length), body]))(
  Buffer.concat([int32(196_608), Buffer.from('user\0postgres\0database\0postgres\0\0')]),
);
const sslRequest = Buffer.concat([int32(8), int32(80_877_103)]);
/** Asks for a text back. */
const echo = (text: string): Buffer =>
  Buffer.concat([
    message('P', Buffer.from('\0select $1::text\0\0\0')),
    message('B', Buffer.from('\0\0\0\0\0\x01'), int32(text.length), Buffer.from(`${text}\0\0`)),
    message('E', Buffer.from('\0'), int32(0)),
    message('S'),
  ]);

describe('what arrives in pieces', () => {
  const exchanges = [startup, echo('a text'), message('Q', Buffer.from('select 1\0')), message('X')];

  test.each([1, 2, 3, 5, 7, 64, 10_000])('of %i bytes is handed on in whole exchanges', (size) => {
    const sent = Buffer.concat([sslRequest, ...exchanges]);
    const taken: Buffer[] = [];
    const push = gatherExchanges((bytes) => taken.push(bytes));
    for (let at = 0; at < sent.length; at += size) push(sent.subarray(at, at + size));
    expect(Buffer.concat(taken)).toEqual(sent);
    // A piece may hold several; none is ever divided.
    const ends = [sslRequest, ...exchanges].map((_, i, all) => Buffer.concat(all.slice(0, i + 1)).length);
    let at = 0;
    for (const bytes of taken) expect(ends).toContain((at += bytes.length));
  });

  test('waits for the end of what it began', () => {
    const taken: Buffer[] = [];
    const push = gatherExchanges((bytes) => taken.push(bytes));
    push(startup);
    push(echo('x').subarray(0, -1));
    expect(taken).toEqual([startup]);
    push(echo('x').subarray(-1));
    expect(Buffer.concat(taken.slice(1))).toEqual(echo('x'));
  });
});

describe('a statement that arrives slowly', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'gathered-'));
  const file = path.join(directory, '.s.PGSQL.5432');
  let engine: PGlite;
  let server: PGLiteSocketServer;
  let pool: Pool;

  beforeAll(async () => {
    engine = await PGlite.create();
    server = socketServer(engine, { path: file, maxConnections: 8 });
    await server.start();
    pool = new Pool({ host: directory, user: 'postgres', database: 'postgres', max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
    await engine.close();
    fs.rmSync(directory, { recursive: true, force: true });
  });

  /** A connection of somebody slow, and what it was answered since it was ready. */
  const connect = async (): Promise<{ socket: net.Socket; until: (part: string) => Promise<void> }> => {
    const socket = net.connect(file);
    let answered = '';
    socket.on('data', (bytes: Buffer) => (answered += bytes.toString('latin1')));
    const until = async (part: string): Promise<void> => {
      while (!answered.includes(part)) await once(socket, 'data');
      answered = '';
    };
    socket.write(startup);
    await until('Z\0\0\0\x05I');
    return { socket, until };
  };

  test('holds nobody else up, and is answered when it is there', async () => {
    const { socket, until } = await connect();
    const text = `${'long '.repeat(50_000)}end of the text`;
    const sent = echo(text);
    socket.write(sent.subarray(0, sent.length / 2));
    for (let i = 0; i < 3; i++)
      expect((await pool.query<{ n: number }>('select $1::int as n', [i])).rows).toEqual([{ n: i }]);
    socket.write(sent.subarray(sent.length / 2));
    await until('end of the text');
    socket.destroy();
  });

  test('leaves nothing behind when it never comes to its end', async () => {
    const { socket } = await connect();
    socket.write(echo('never').subarray(0, -3));
    await pool.query('select 1');
    socket.destroy();
    await once(socket, 'close');
    expect((await pool.query<{ n: number }>('select 2 as n')).rows).toEqual([{ n: 2 }]);
  });

  test('of many megabytes is what it was', async () => {
    const text = 'The keeper wrote down the tide. '.repeat(200_000);
    const { rows } = await pool.query<{ same: boolean; text: string }>(
      'select length($1::text) = $2::int as same, $1::text as text',
      [text, text.length],
    );
    expect(rows[0]?.same).toBe(true);
    expect(rows[0]?.text === text).toBe(true);
  });
});
