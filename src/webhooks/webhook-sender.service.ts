import http from 'node:http';
import https from 'node:https';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { untilAborted } from '../common/resilience/again.js';
import { Settings } from '../config/settings.js';
import { HostLookup } from './host-lookup.js';
import { hostOf, isPublicAddress, refusalOf } from './target.js';
import type { HostAddress } from './webhooks.types.js';

const TIMEOUT_MS = 10_000;
const MOST_READ = 16 * 1024;

export interface SentMessage {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** How an attempt went: the status that the receiver answered, or why there was none. */
export type Attempt = { status: number } | { error: string };

/** Posts to addresses that users chose, and to nothing behind the firewall. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly lookup: HostLookup,
    private readonly settings: Settings,
  ) {}

  /** One attempt, as long as `signal` lets it; redirects are not followed. Never rejects. */
  async send(message: SentMessage, signal?: AbortSignal): Promise<Attempt> {
    const refused = refusalOf(message.url, this.settings.webhookAllowPrivate);
    if (refused !== undefined) return { error: `the address ${refused}` };
    const url = new URL(message.url);
    try {
      const addresses = await untilAborted(this.resolve(hostOf(url)), signal);
      if (addresses.length === 0) return { error: 'the name has no address' };
      // One bad address is enough: which of them would be used is not in our hand.
      if (!this.settings.webhookAllowPrivate && !addresses.every(({ address }) => isPublicAddress(address)))
        return { error: 'the address must be on the public internet' };
      return await post(url, addresses, message, signal);
    } catch (error) {
      return { error: wordsFor(error) };
    }
  }

  private async resolve(host: string): Promise<HostAddress[]> {
    if (isIP(host)) return [{ address: host, family: isIPv6(host) ? 6 : 4 }];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the name could not be looked up in time')), TIMEOUT_MS);
      timer.unref();
    });
    try {
      return await Promise.race([this.lookup.addresses(host, this.settings.webhookAllowPrivate), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The connection goes to the addresses that were checked: what the name means a moment later does not matter. */
function post(
  url: URL,
  addresses: readonly HostAddress[],
  { headers, body }: SentMessage,
  signal: AbortSignal | undefined,
): Promise<Attempt> {
  const lookup: LookupFunction = (_host, options, done) => {
    const [first] = addresses;
    if (options.all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family ?? 4);
  };
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup,
      // A connection of its own: one that is kept might belong to an older meaning of the name.
      agent: false,
      signal: signal ? AbortSignal.any([late, signal]) : late,
    });
    let answered = false;
    sent.on('error', reject);
    // Also without an answer and an error: whoever waited for one of them would wait forever.
    sent.on('close', () => {
      if (!answered) reject(new Error('the connection ended'));
    });
    sent.on('upgrade', (response, socket) => {
      answered = true;
      socket.destroy();
      resolve({ status: response.statusCode ?? 0 });
    });
    sent.on('response', (response) => {
      answered = true;
      const status = response.statusCode ?? 0;
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > MOST_READ) response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve({ status }));
    });
    sent.end(body);
  });
}

/** What the owner of the endpoint may know: the kind of failure, nothing about our network. */
function wordsFor(error: unknown): string {
  const {
    code = '',
    name = '',
    message = '',
  } = (error ?? {}) as { code?: string; name?: string; message?: string };
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'ABORT_ERR') return 'no answer in time';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name could not be looked up';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code)) return `the certificate was not accepted (${code})`;
  if (message.startsWith('the name')) return message;
  return 'the connection failed';
}
