import { once } from 'node:events';
import net from 'node:net';
import { Transform } from 'node:stream';

/** Stands between a client and a server, and can take the server away. */
export interface TcpProxy {
  port: number;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Keeps all connections and takes new ones, but drops what they carry, until `restore`; the old ones stay so. */
  silence(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const open = new Set<net.Socket>();
  let silent = false;
  const silencers = new Set<() => void>();
  const listen = async (port: number): Promise<net.Server> => {
    const server = net.createServer((client) => {
      const upstream = net.connect(target.port, target.host);
      for (const socket of [client, upstream]) {
        open.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      let dropping = silent;
      const silencer = (): void => void (dropping = true);
      silencers.add(silencer);
      client.once('close', () => silencers.delete(silencer));
      const gate = (): Transform =>
        new Transform({ transform: (chunk, _encoding, done) => done(null, dropping ? undefined : chunk) });
      client.pipe(gate()).pipe(upstream).pipe(gate()).pipe(client);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server: net.Server | undefined = await listen(0);
  const { port } = server.address() as net.AddressInfo;
  const cut = async (): Promise<void> => {
    const ending = server;
    server = undefined;
    if (!ending) return;
    const closed = once(ending, 'close');
    ending.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    port,
    cut,
    silence: () => {
      silent = true;
      for (const silencer of silencers) silencer();
    },
    restore: async () => {
      silent = false;
      server ??= await listen(port);
    },
    close: cut,
  };
}
