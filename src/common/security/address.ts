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
  return isIPv4(address) ? address : groupsOf(address).slice(0, 4).join(':');
}

/**
 * About as much as one provider has at one place: a /16 of IPv4, a /32 of IPv6. A phone on the move changes its address
 * all day, and with IPv6 also its /48, but seldom this. Null for what is no address.
 */
export function networkOf(given: string | null): string | null {
  const address = plainAddress(given ?? undefined);
  if (address === null) return null;
  return isIPv4(address)
    ? `${address.split('.').slice(0, 2).join('.')}.0.0/16`
    : `${groupsOf(address).slice(0, 2).join(':')}::/32`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}
