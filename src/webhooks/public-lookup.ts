import { Resolver } from 'node:dns/promises';
import type { HostAddress } from './webhooks.types.js';

/** For one question to one name server. */
const QUESTION_MS = 2000;
const TRIES = 2;

/**
 * Asks name servers on sockets of its own. The system's look-up holds one of the few threads that all look-ups of a
 * process share for as long as a name server that somebody else chose does not answer.
 * @param servers other ones than the machine's
 */
export async function publicAddresses(host: string, servers?: readonly string[]): Promise<HostAddress[]> {
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  if (v4.status === 'rejected' && v6.status === 'rejected')
    throw new Error('the name could not be looked up', { cause: v4.reason });
  return [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
}

const addressesOf = (answer: PromiseSettledResult<string[]>, family: number): HostAddress[] =>
  answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
