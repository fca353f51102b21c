import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';

/** A key for one purpose only, so that a token of one kind can never be taken for another. */
function deriveKey(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `ai-backend ${purpose}`, 32)));
}

/** The current key first, then the one that is being rotated out. */
export const deriveKeys = (
  current: string,
  previous: string | undefined,
  purpose: string,
): [KeyObject, ...KeyObject[]] => [
  deriveKey(current, purpose),
  ...(previous === undefined ? [] : [deriveKey(previous, purpose)]),
];

export const mac = (key: KeyObject, ...parts: (string | Buffer)[]): Buffer => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

export const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

export const uuidToBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

export function bytesToUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** Node decodes leniently; a token has exactly one spelling. */
export function decodeExact(text: string, length: number): Buffer | undefined {
  if (text.length !== Math.ceil((length * 4) / 3)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : undefined;
}
