import { createHash, randomBytes, randomInt } from 'node:crypto';

/** Recognisable in logs and by secret scanners. */
export const KEY_MARK = 'aib_';
const ID_LENGTH = 12;
const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const KEY = /^aib_([a-z0-9]{12})_([\w-]{43})$/;

/** `aib_`, the public part by which a key is found and named, `_`, and a secret of 256 bits. */
export interface NewKey {
  key: string;
  prefix: string;
  hash: Buffer;
}

/** The secret has too much entropy to be guessed: a plain hash protects it as well as a slow one. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export function newKey(): NewKey {
  const prefix = Array.from({ length: ID_LENGTH }, () => ID_CHARACTERS[randomInt(ID_CHARACTERS.length)]).join(
    '',
  );
  const secret = randomBytes(32).toString('base64url');
  return { key: `${KEY_MARK}${prefix}_${secret}`, prefix, hash: hashOf(secret) };
}

export function parseKey(key: string): { prefix: string; hash: Buffer } | undefined {
  const [, prefix, secret] = KEY.exec(key) ?? [];
  return prefix === undefined || secret === undefined ? undefined : { prefix, hash: hashOf(secret) };
}
