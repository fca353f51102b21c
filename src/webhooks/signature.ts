import { createHmac, randomBytes } from 'node:crypto';

/** What secrets are sealed for. */
export const SECRETS_OF_WEBHOOKS = 'webhooks';

const PREFIX = 'whsec_';

/** A new secret, as its receiver keeps it. */
export const newSecret = (): string => PREFIX + randomBytes(32).toString('base64');

/**
 * `v1,<base64>` of the HMAC-SHA256 over id, time (seconds) and body, for each secret that is good at the moment, as
 * Standard Webhooks has it: a receiver takes the message if one of them is right.
 */
export function signatures(
  secrets: readonly string[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}
