/**
 * Takes the network, processes and threads away from the libraries that read files: a second fence, behind the
 * permissions of Node and, where the system allows it, a network of its own.
 */
import { registerHooks } from 'node:module';

const CLOSED = new Set(
  'child_process cluster dgram dns dns/promises http http2 https inspector inspector/promises net repl tls trace_events worker_threads'.split(
    ' ',
  ),
);
const GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel', 'Worker'];

const nameOf = (specifier: string): string => specifier.replace(/^node:/, '');

function refuse(specifier: string): never {
  throw Object.assign(new Error(`${specifier} is not available while files are read`), {
    code: 'ERR_ACCESS_DENIED',
  });
}

/** From here on the network, processes and threads are out of reach of whatever is loaded. */
export function closeNetwork(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (CLOSED.has(nameOf(specifier))) refuse(specifier);
      return next(specifier, context);
    },
  });
  const builtin = process.getBuiltinModule.bind(process);
  Object.defineProperties(process, {
    getBuiltinModule: { value: (id: string) => (CLOSED.has(nameOf(id)) ? refuse(id) : builtin(id)) },
    binding: { value: refuse },
    dlopen: { value: refuse },
  });
  for (const name of GLOBALS) Reflect.deleteProperty(globalThis, name);
}
