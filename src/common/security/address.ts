import { isIP, isIPv4 } from 'node:net';

/**
 * An address in one spelling: IPv4 also where it came wrapped in IPv6, no zone, no port. Null for anything else,
 * since a proxy may forward what a client made up.
 */
export function plainAddress(given: string | undefined): string | null {
  const bare = given?.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (isIP(bare)) return bare.toLowerCase();
  const withoutPort = /^\[(.+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1];
  return withoutPort !== undefined && isIP(withoutPort) ? withoutPort.toLowerCase() : null;
}

/** What attempts from an address are counted by. A /64 is one customer: who has IPv6 has 2^64 addresses in it. */
export function addressKey(given: string | undefined): string {
  const address = plainAddress(given);
  if (address === null) return 'unknown';
  if (isIPv4(address)) return address;
  const [head = '', tail] = address.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
