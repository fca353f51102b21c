import { BlockList, isIP, isIPv4 } from 'node:net';

/** What is not on the public internet: this machine, its networks, metadata services, and what routes nowhere. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // What a machine in Azure asks for its keys: a public address that only its host answers.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only global unicast is public, without what carries IPv4 addresses in it or is for documentation. */
const PUBLIC_V6 = '2000::/3';
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const publicV6 = listOf([PUBLIC_V6], 'ipv6');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');

/** Whether an address is one that anybody on the internet may reach. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4');
  return isIP(address) === 6 && publicV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}

export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * Why an address may not be a target, as far as it tells by itself; undefined where nothing speaks against it. Names
 * are looked up, and what they mean is checked, each time something is sent.
 */
export function refusalOf(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return 'must be an address such as https://example.com/hooks';
  const url = new URL(text);
  if (url.username || url.password) return 'must not hold a username or password';
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    return allowPrivate ? 'must start with https:// or http://' : 'must start with https://';
  const host = hostOf(url);
  if (allowPrivate) return undefined;
  if (isIP(host) ? !isPublicAddress(host) : /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(host))
    return 'must be on the public internet';
  return undefined;
}
