import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from '../client.js';
import { findFiles } from './find-files.js';
import { ingestFiles } from './ingest-files.js';

describe('files that cannot be read', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ingest-spec-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('and folders are told in the table, and keep no other', async () => {
    fs.mkdirSync(path.join(folder, 'locked'));
    for (const name of ['gone.txt', 'here.txt', 'turned.txt'])
      fs.writeFileSync(path.join(folder, name), `This is ${name}.`);
    // Root may read everything, so the system would not refuse.
    const readdir = fs.promises.readdir.bind(fs.promises);
    const spy = jest
      .spyOn(fs.promises, 'readdir')
      .mockImplementation(((at: string, options: object) =>
        at.endsWith('locked')
          ? Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 }))
          : readdir(at, options as never)) as never);
    const found = await findFiles(folder).finally(() => spy.mockRestore());
    expect(found.files.map(({ name }) => name)).toEqual(['gone.txt', 'here.txt', 'turned.txt']);
    fs.rmSync(path.join(folder, 'gone.txt'));
    fs.rmSync(path.join(folder, 'turned.txt'));
    fs.mkdirSync(path.join(folder, 'turned.txt'));

    const sent: string[] = [];
    const server = http.createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('error', () => undefined);
      request.on('end', () => {
        if (request.method === 'GET') return response.end('{"items":[],"next_cursor":null}');
        sent.push(Buffer.concat(pieces).toString());
        return response.end('{"documents":[{"id":"1","status":"ready","error":null}]}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const { counts, failures } = await ingestFiles(client, found, {
        collectionId: 'c',
        concurrency: 1,
        report: () => undefined,
      });
      expect(failures.map(({ name, code }) => [name, code])).toEqual([
        ['gone.txt', 'ENOENT'],
        ['locked/', 'EACCES'],
        ['turned.txt', 'EISDIR'],
      ]);
      expect(counts).toMatchObject({ total: 3, uploaded: 1, ready: 1, failed: 2 });
      expect(sent).toEqual([expect.stringContaining('This is here.txt.')]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

it('a pattern begins in the home directory where it says so', async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ingest-home-'));
  const spy = jest.spyOn(os, 'homedir').mockReturnValue(home);
  try {
    fs.mkdirSync(path.join(home, 'handbooks', 'old'), { recursive: true });
    for (const name of ['a.pdf', 'old/b.docx', 'c.txt'])
      fs.writeFileSync(path.join(home, 'handbooks', name), '');
    const { files } = await findFiles('~/handbooks/**/*.{pdf,docx}');
    expect(files.map(({ name }) => name)).toEqual(['a.pdf', 'old/b.docx']);
  } finally {
    spy.mockRestore();
    fs.rmSync(home, { recursive: true, force: true });
  }
});
