import net from 'node:net';
import { StartError } from '../../config/config-error.js';

const TRIES = 50;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** `port` or the next one that nobody listens on. @throws StartError when fifty in a row are taken */
export async function freePort(port: number): Promise<number> {
  for (let candidate = port; candidate < port + TRIES && candidate < 65_536; candidate++)
    if (await isFree(candidate)) return candidate;
  throw new StartError(`no free port from ${port} on; set PORT to another one`);
}
