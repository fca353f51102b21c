import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const LENGTH = 24;
const GROUP = 4;

/** 120 bits in letters that are not mistaken for others: enough for a plain hash to protect them. */
export function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return (letters.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/** As people type it: case, spaces and hyphens do not matter. Undefined for what cannot be one. */
export function hashRecoveryCode(code: string): Buffer | undefined {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '');
  if (plain.length !== LENGTH) return undefined;
  return createHash('sha256').update('recovery code ').update(plain).digest();
}
