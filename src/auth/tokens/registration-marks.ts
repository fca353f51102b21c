import { createHash, randomBytes } from 'node:crypto';

const BYTES = 20;
const SHAPE = /^[\w-]{27}$/;

/**
 * What a browser that registers keeps in a cookie, so that it is known again when the address is confirmed. 160 bits, of
 * which only the hash is stored: worth nothing anywhere else, and nothing without the mail.
 */
export const newMark = (): string => randomBytes(BYTES).toString('base64url');

export const looksLikeMark = (text: string): boolean => SHAPE.test(text);

export const hashMark = (mark: string): Buffer =>
  createHash('sha256').update('registration mark ').update(mark).digest();
