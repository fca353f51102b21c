import dgram from 'node:dgram';
import { publicAddresses } from './public-lookup.js';

const A = 1;
const AAAA = 28;
const NO_SUCH_NAME = 3;

/** A name server that answers with these addresses, in the format of RFC 1035. */
async function startNameServer(
  records: Record<string, { a?: number[]; aaaa?: number[] }>,
): Promise<{ address: string; close: () => Promise<void> }> {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; query[at]! > 0; at += query[at]! + 1)
      labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const record = records[labels.join('.')];
    const type = query.readUInt16BE(end - 4);
    const data = type === A ? record?.a : type === AAAA ? record?.aaaa : undefined;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (record ? 0 : NO_SUCH_NAME), 2);
    head.writeUInt16BE(data ? 1 : 0, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const answer = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data?.length ?? 0, ...(data ?? [])]);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...(data ? [answer] : [])]), from.port);
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((done) => socket.close(() => done())),
  };
}

describe('publicAddresses', () => {
  it('finds the addresses of both kinds, also where there is one kind only', async () => {
    const six = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    const server = await startNameServer({
      'both.example': { a: [203, 0, 113, 5], aaaa: six },
      'four.example': { a: [203, 0, 113, 6] },
      'six.example': { aaaa: six },
    });
    try {
      expect(await publicAddresses('both.example', [server.address])).toEqual([
        { address: '203.0.113.5', family: 4 },
        { address: '2001:db8::7', family: 6 },
      ]);
      expect(await publicAddresses('four.example', [server.address])).toEqual([
        { address: '203.0.113.6', family: 4 },
      ]);
      expect(await publicAddresses('six.example', [server.address])).toEqual([
        { address: '2001:db8::7', family: 6 },
      ]);
    } finally {
      await server.close();
    }
  });

  it('says so where there is no such name', async () => {
    const server = await startNameServer({});
    try {
      await expect(publicAddresses('none.example', [server.address])).rejects.toThrow(
        'the name could not be looked up',
      );
    } finally {
      await server.close();
    }
  });

  it('leaves the look-ups of the system free while many name servers do not answer', async () => {
    const silent = dgram.createSocket('udp4');
    await new Promise<void>((done) => silent.bind(0, '127.0.0.1', done));
    const address = `127.0.0.1:${silent.address().port}`;
    try {
      const waiting = Array.from({ length: 20 }, (_, i) => publicAddresses(`slow${i}.example`, [address]));
      const ended = Promise.allSettled(waiting);
      const { lookup } = await import('node:dns/promises');
      const first = await Promise.race([lookup('localhost').then(() => 'the system'), ended]);
      expect(first).toBe('the system');
      for (const result of await ended) expect(result.status).toBe('rejected');
    } finally {
      silent.close();
    }
  });
});
