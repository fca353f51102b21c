import path from 'node:path';
import { ConfigError } from './config-error.js';

export interface SmtpServer {
  kind: 'smtp';
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  /** Without TLS from the start: refuse a server that does not offer STARTTLS. */
  requireTls: boolean;
  user: string | undefined;
  password: string | undefined;
}

export type MailDestination = SmtpServer | { kind: 'folder'; dir: string };

export interface MailAddress {
  name: string;
  address: string;
}

const SHAPE = 'MAIL_URL must be smtp://, smtps:// or file: with a folder';
const DEFAULT_FROM: MailAddress = { name: 'AI Backend', address: 'ai-backend@localhost' };

const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

/** @throws ConfigError that does not repeat the address: there may be a password in it. */
export function mailDestination(raw: string | undefined, dataDir: string): MailDestination {
  if (raw === undefined) return { kind: 'folder', dir: path.join(dataDir, 'outbox') };
  const folder = /^file:(?:\/\/(?=\/))?(.+)$/.exec(raw)?.[1];
  if (folder !== undefined) return { kind: 'folder', dir: path.resolve(folder) };
  if (!URL.canParse(raw)) throw new ConfigError(SHAPE);
  const { protocol, hostname, port, username, password, searchParams } = new URL(raw);
  if ((protocol !== 'smtp:' && protocol !== 'smtps:') || !hostname) throw new ConfigError(SHAPE);
  const tls = searchParams.get('tls');
  if ([...searchParams.keys()].some((name) => name !== 'tls') || (tls !== null && tls !== 'off'))
    throw new ConfigError('MAIL_URL takes no parameter but tls=off');
  const secure = protocol === 'smtps:';
  return {
    kind: 'smtp',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : secure ? 465 : 587,
    secure,
    requireTls: !secure && tls === null && !isLoopback(hostname),
    user: username ? decoded(username) : undefined,
    password: password ? decoded(password) : undefined,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError('MAIL_URL must have % in user and password written as %25');
  }
}

/** @throws ConfigError */
export function mailSender(raw: string | undefined, destination: MailDestination): MailAddress {
  if (raw === undefined) {
    if (destination.kind === 'smtp') throw new ConfigError('MAIL_FROM is required with SMTP');
    return DEFAULT_FROM;
  }
  const match = /^(?:"?([^"<>\p{Cc}]*?)"?\s*<)?([^\s<>"@\p{Cc}]+@[^\s<>"@\p{Cc}]+?)>?$/u.exec(raw.trim());
  const [, name = '', address] = match ?? [];
  if (address === undefined || raw.includes('<') !== raw.trim().endsWith('>'))
    throw new ConfigError(`MAIL_FROM must be an address or Name <address>, not "${raw}"`);
  return { name, address };
}
