import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** For a first request that is on its way. */
const SILENT_MS = 500;

/**
 * The connections of a server. Those on which nothing came yet would keep it from closing: browsers and pools open some
 * ahead, and Node takes them for such as are being asked.
 */
export class Connections {
  private readonly open = new Set<Socket>();

  /** To be called before the server listens. */
  constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /**
   * Takes no new connections, and lets requests that are under way be answered; so are those that come on open
   * connections meanwhile, which end with their answer. What is left after `mostMs` is broken off. Resolves when the last
   * connection has ended.
   */
  async drain(mostMs: number): Promise<void> {
    const { server } = this;
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('Connection', 'close');
    });
    // For those whose answer was on its way before.
    server.keepAliveTimeout = 1;
    const ended = new AbortController();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const silent = setTimeout(() => this.destroy((socket) => socket.bytesRead === 0), SILENT_MS);
    const late = sleep(mostMs, undefined, { signal: ended.signal }).catch(() => undefined);
    await Promise.race([closed, late]);
    ended.abort();
    clearTimeout(silent);
    this.destroy(() => true);
  }

  private destroy(which: (socket: Socket) => boolean): void {
    for (const socket of this.open) if (which(socket)) socket.destroy();
  }
}
