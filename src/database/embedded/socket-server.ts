import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { gatherExchanges } from './gathered-exchanges.js';
import { wholeExchanges } from './whole-exchanges.js';

/** A server for ordinary drivers on a Unix socket, for an engine that has one session; it is not started yet. */
export function socketServer(
  engine: PGlite,
  options: { path: string; maxConnections: number },
): PGLiteSocketServer {
  const server = new PGLiteSocketServer({ db: wholeExchanges(engine), ...options });
  const handle = server['handleConnection'].bind(server) as (socket: Socket) => Promise<void>;
  server['handleConnection'] = (socket: Socket) => handle(gathered(socket));
  return server;
}

/** The socket, with its data in whole exchanges for whoever listens to them from now on. */
function gathered(socket: Socket): Socket {
  const on = socket.on.bind(socket) as (event: string, listener: (data: Buffer) => void) => Socket;
  socket.on = ((event: string, listener: (data: Buffer) => void) =>
    on(event, event === 'data' ? gatherExchanges(listener) : listener)) as Socket['on'];
  return socket;
}
