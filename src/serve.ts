import type { AddressInfo } from 'node:net';
import type { RunningApp } from './app.setup.js';
import { loggableError } from './common/errors/loggable-error.js';
import { StartError } from './config/config-error.js';
import type { Settings } from './config/settings.js';

/** A shutdown that hangs is ended after this long; whatever was acknowledged is already on disk. */
const SHUTDOWN_LIMIT_MS = 25_000;

/**
 * Listens, prints the address, and closes in order on SIGTERM and SIGINT.
 * @returns the address, such as `http://127.0.0.1:8000`
 */
export async function serve(running: RunningApp, settings: Settings): Promise<string> {
  const server = running.app.getHttpServer();
  server.headersTimeout = 20_000;
  // A body may take as long as it needs while it comes: `bodyProgress` ends those that do not.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  try {
    await running.app.listen(settings.port, settings.host);
  } catch (error) {
    await running.close();
    throw new StartError(describe(error as NodeJS.ErrnoException, settings));
  }
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const address = `http://${host}:${port}`;
  process.stdout.write(`AI Backend listens on ${address} (documentation: ${address}/docs)\n`);
  closeOnSignals(running);
  return address;
}

function describe(error: NodeJS.ErrnoException, settings: Settings): string {
  if (error.code === 'EADDRINUSE')
    return `port ${settings.port} on ${settings.host} is in use; set PORT to another one`;
  if (error.code === 'EACCES') return `port ${settings.port} needs privileges; set PORT to one above 1023`;
  if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL')
    return `HOST ${settings.host} is not an address of this machine`;
  return error.message;
}

function closeOnSignals(running: RunningApp): void {
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`shutdown failed: ${loggableError(error).message}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
